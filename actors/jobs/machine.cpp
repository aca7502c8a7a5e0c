#include "actors/jobs/machine.hpp"

#include <utility>

namespace hearth {

job_state job_machine::state() const noexcept {
  switch (phase_) {
    case phase::resolving:
    case phase::sent:
      return job_state::started;
    case phase::running:
    case phase::killing:
      return job_state::running;
    case phase::finished:
      return job_state::finished;
    case phase::error:
      return job_state::error;
    case phase::killed:
      break;
  }
  return job_state::killed;
}

bool job_machine::sent() {
  return phase_ == phase::resolving && become(phase::sent);
}

bool job_machine::refused(problem reason) {
  if (phase_ == phase::killing)
    return become_killed();
  if (phase_ != phase::resolving && phase_ != phase::sent)
    return false;
  reason_ = std::move(reason);
  return become(phase::error);
}

bool job_machine::started() {
  return phase_ == phase::sent && become(phase::running);
}

bool job_machine::kill() {
  if (phase_ == phase::resolving)
    return become_killed();
  return (phase_ == phase::sent || phase_ == phase::running)
         && become(phase::killing);
}

bool job_machine::kill(problem reason) {
  if (phase_ != phase::sent && phase_ != phase::running)
    return false;
  reason_ = std::move(reason);
  at_fault_ = true;
  return become(phase::killing);
}

bool job_machine::ended(const protocol::job_ended& end) {
  if (over() || phase_ == phase::resolving)
    return false;
  if (phase_ == phase::killing || end.outcome == protocol::outcome::killed)
    return become_killed();
  if (end.outcome == protocol::outcome::finished)
    return become(phase::finished);
  reason_ = {end.why.message, end.why.error_class, end.why.stack, {}};
  return become(phase::error);
}

bool job_machine::aborted(problem reason, bool gone) {
  if (over())
    return false;
  if (phase_ == phase::killing)
    return gone && become_killed();
  reason_ = std::move(reason);
  return become(phase::error);
}

bool job_machine::disowned(problem reason) {
  if (over())
    return false;
  reason_ = std::move(reason);
  return become(phase::error);
}

void job_machine::recovered(job_state last) {
  phase_ = last == job_state::running ? phase::running : phase::sent;
}

bool job_machine::become(phase next) {
  phase_ = next;
  return true;
}

bool job_machine::become_killed() {
  if (at_fault_)
    return become(phase::error);
  auto what = "Job " + id_ + " killed";
  auto error_class = std::string{"spark.jobserver.JobKilledException"};
  reason_ = {what, error_class, error_class + ": " + what, {}};
  return become(phase::killed);
}

const char* to_string(job_machine::phase x) noexcept {
  switch (x) {
    case job_machine::phase::resolving:
      return "resolving";
    case job_machine::phase::sent:
      return "sent";
    case job_machine::phase::running:
      return "running";
    case job_machine::phase::killing:
      return "killing";
    case job_machine::phase::finished:
      return "finished";
    case job_machine::phase::error:
      return "error";
    case job_machine::phase::killed:
      return "killed";
  }
  return "unknown";
}

} // namespace hearth
