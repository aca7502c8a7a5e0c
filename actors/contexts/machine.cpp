#include "actors/contexts/machine.hpp"

#include <utility>

namespace hearth {

context_state context_machine::state() const noexcept {
  switch (phase_) {
    case phase::starting:
      return context_state::started;
    case phase::running:
    case phase::recovering:
      return context_state::running;
    case phase::draining:
    case phase::waiting:
    case phase::reviving:
      return context_state::restarting;
    case phase::stopping:
      return context_state::stopping;
    case phase::failing:
      return coming_back() ? context_state::restarting
                           : context_state::stopping;
    case phase::finished:
      return context_state::finished;
    case phase::error:
      break;
  }
  return context_state::error;
}

bool context_machine::coming_back() const noexcept {
  switch (phase_) {
    case phase::recovering:
    case phase::draining:
    case phase::waiting:
    case phase::reviving:
      return true;
    case phase::failing:
      return opened_ && restarts_.enabled();
    default:
      return false;
  }
}

void context_machine::recovering() {
  phase_ = phase::recovering;
  opened_ = true;
  reason_ = {"the server was started again; it waits for the context's agent",
             {},
             {},
             {}};
}

context_machine::action context_machine::resume(problem reason) {
  opened_ = true;
  reason_ = std::move(reason);
  phase_ = phase::waiting;
  delay_ = {};
  return action::pause;
}

context_machine::action context_machine::not_started(problem reason,
                                                     millis now) {
  if (phase_ != phase::starting && phase_ != phase::reviving) {
    // A stop or a failure came before, and there is no process that could end.
    return over() ? action::none : exited({{}, false, 0, 0}, now);
  }
  reason_ = std::move(reason);
  return ended(now, true);
}

context_machine::action context_machine::ready(millis now) {
  switch (phase_) {
    case phase::starting:
    case phase::reviving:
      if (!init_job_)
        return open(now);
      return std::exchange(preparing_, true) ? action::none : action::prepare;
    case phase::recovering:
      return open(now);
    default:
      return action::none;
  }
}

context_machine::action context_machine::prepared(millis now) {
  return preparing_ ? open(now) : action::none;
}

context_machine::action context_machine::open(millis now) {
  phase_ = phase::running;
  opened_ = true;
  preparing_ = false;
  reason_ = {};
  restarts_.opened(now);
  return action::open;
}

context_machine::action context_machine::failed(problem reason, action step) {
  if (phase_ != phase::starting && phase_ != phase::running
      && phase_ != phase::reviving && phase_ != phase::recovering)
    return action::none;
  reason_ = std::move(reason);
  phase_ = phase::failing;
  preparing_ = false;
  return step_ = step;
}

context_machine::action context_machine::stop(bool force, problem reason) {
  if (over())
    return action::none;
  if (!reason.message.empty())
    reason_ = std::move(reason);
  else if (phase_ != phase::failing)
    reason_ = {};
  if (phase_ == phase::waiting) {
    phase_ = phase::finished;
    return action::finish;
  }
  if (phase_ == phase::failing && !coming_back())
    return force ? step_ = action::kill : action::none;
  auto on_its_way = phase_ == phase::stopping || phase_ == phase::draining
                    || phase_ == phase::failing;
  phase_ = phase::stopping;
  preparing_ = false;
  if (force)
    return step_ = action::kill;
  return on_its_way ? action::none : step_ = action::ask;
}

context_machine::action context_machine::restart(problem reason) {
  if (phase_ != phase::running)
    return action::none;
  reason_ = std::move(reason);
  phase_ = phase::draining;
  return step_ = action::ask;
}

context_machine::action context_machine::hurry() {
  if (phase_ != phase::stopping && phase_ != phase::failing
      && phase_ != phase::draining)
    return action::none;
  return step_ = action::kill;
}

context_machine::action
context_machine::exited(const launch::process_exit& exit, millis now) {
  switch (phase_) {
    case phase::stopping:
      phase_ = phase::finished;
      return action::finish;
    case phase::draining:
      phase_ = phase::waiting;
      delay_ = {};
      return action::pause;
    case phase::failing:
      return ended(now, true);
    case phase::starting:
    case phase::reviving:
      reason_ = {"the context's process ended before the context was ready: "
                   + to_string(exit),
                 {},
                 {},
                 {}};
      return ended(now, true);
    case phase::running:
    case phase::recovering:
      reason_ = {"the context's process ended: " + to_string(exit), {}, {}, {}};
      return ended(now, !exit.known || exit.code != 0 || exit.signal != 0);
    default:
      return action::none;
  }
}

context_machine::action context_machine::ended(millis now, bool failure) {
  preparing_ = false;
  // If the first start fails, the client that asked for it gets the error and
  // may try again.
  auto pause = opened_ ? restarts_.next(now, failure) : std::nullopt;
  if (!pause) {
    if (!restarts_.gave_up().empty())
      reason_.message += "; " + restarts_.gave_up();
    phase_ = phase::error;
    return action::finish;
  }
  delay_ = *pause;
  phase_ = phase::waiting;
  return action::pause;
}

context_machine::action context_machine::relaunch() {
  if (phase_ != phase::waiting)
    return action::none;
  phase_ = phase::reviving;
  return action::launch;
}

context_machine::action context_machine::tick() {
  if (phase_ != phase::stopping && phase_ != phase::failing
      && phase_ != phase::draining)
    return action::none;
  step_ = step_ == action::ask ? action::terminate : action::kill;
  return step_;
}

const char* to_string(context_machine::phase x) noexcept {
  switch (x) {
    case context_machine::phase::starting:
      return "starting";
    case context_machine::phase::running:
      return "running";
    case context_machine::phase::recovering:
      return "recovering";
    case context_machine::phase::draining:
      return "draining";
    case context_machine::phase::waiting:
      return "waiting";
    case context_machine::phase::reviving:
      return "reviving";
    case context_machine::phase::stopping:
      return "stopping";
    case context_machine::phase::failing:
      return "failing";
    case context_machine::phase::finished:
      return "finished";
    case context_machine::phase::error:
      return "error";
  }
  return "unknown";
}

} // namespace hearth
