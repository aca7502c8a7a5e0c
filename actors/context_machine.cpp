#include "actors/context_machine.hpp"

#include <utility>

namespace hearth {

context_state context_machine::state() const noexcept {
  switch (phase_) {
    case phase::starting:
      return context_state::started;
    case phase::running:
      return context_state::running;
    case phase::stopping:
    case phase::failing:
      return context_state::stopping;
    case phase::finished:
      return context_state::finished;
    case phase::error:
      break;
  }
  return context_state::error;
}

context_machine::action context_machine::not_started(problem why) {
  if (over())
    return action::none;
  reason_ = std::move(why);
  phase_ = phase::error;
  return action::finish;
}

context_machine::action context_machine::ready() {
  if (phase_ != phase::starting)
    return action::none;
  phase_ = phase::running;
  return action::open;
}

context_machine::action context_machine::failed(problem why) {
  if (phase_ != phase::starting && phase_ != phase::running)
    return action::none;
  reason_ = std::move(why);
  phase_ = phase::failing;
  return step_ = action::terminate;
}

context_machine::action context_machine::stop(bool force) {
  if (over())
    return action::none;
  if (phase_ == phase::failing)
    return force ? step_ = action::kill : action::none;
  auto asked = phase_ == phase::stopping;
  phase_ = phase::stopping;
  if (force)
    return step_ = action::kill;
  return asked ? action::none : step_ = action::ask;
}

context_machine::action
context_machine::exited(const launch::process_exit& how) {
  switch (phase_) {
    case phase::stopping:
      phase_ = phase::finished;
      return action::finish;
    case phase::failing:
      phase_ = phase::error;
      return action::finish;
    case phase::starting:
      reason_.message = "the context's process ended before the context was "
                        "ready: "
                        + to_string(how);
      phase_ = phase::error;
      return action::finish;
    case phase::running:
      reason_.message = "the context's process ended: " + to_string(how);
      phase_ = phase::error;
      return action::finish;
    default:
      return action::none;
  }
}

context_machine::action context_machine::tick() {
  if (phase_ != phase::stopping && phase_ != phase::failing)
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
