#include "store/records.hpp"

namespace hearth {

const char* to_string(context_state x) noexcept {
  switch (x) {
    case context_state::started:
      return "STARTED";
    case context_state::running:
      return "RUNNING";
    case context_state::stopping:
      return "STOPPING";
    case context_state::restarting:
      return "RESTARTING";
    case context_state::finished:
      return "FINISHED";
    case context_state::killed:
      return "KILLED";
    case context_state::error:
      return "ERROR";
  }
  return "UNKNOWN";
}

const char* to_string(job_state x) noexcept {
  switch (x) {
    case job_state::started:
      return "STARTED";
    case job_state::running:
      return "RUNNING";
    case job_state::restarting:
      return "RESTARTING";
    case job_state::finished:
      return "FINISHED";
    case job_state::error:
      return "ERROR";
    case job_state::killed:
      return "KILLED";
  }
  return "UNKNOWN";
}

const char* to_string(binary_type x) noexcept {
  switch (x) {
    case binary_type::jar:
      return "Jar";
    case binary_type::egg:
      return "Egg";
    case binary_type::wheel:
      return "Wheel";
    case binary_type::native:
      return "Native";
  }
  return "Unknown";
}

bool is_final(context_state x) noexcept {
  return x >= context_state::finished;
}

bool is_final(job_state x) noexcept {
  return x >= job_state::finished;
}

millis since(const job_record& x) noexcept {
  if (is_final(x.state))
    return x.end_time;
  return x.run_time > 0 ? x.run_time : x.start_time;
}

bool may_follow(context_state from, context_state to) noexcept {
  using s = context_state;
  switch (from) {
    case s::started:
      return true;
    case s::running:
    case s::restarting:
      return to != s::started;
    case s::stopping:
      return to == s::stopping || is_final(to);
    default:
      return false;
  }
}

} // namespace hearth
