/// Which process: a pid and the time at which it started.
#pragma once

#include <cstdint>

namespace hearth {

/// The identity of a process: a pid alone may be reused.
struct process_id {
  std::int64_t pid = 0; ///< 0: no process
  std::int64_t start_time
    = 0; ///< clock ticks since boot, field 22 of /proc/PID/stat

  friend bool operator==(const process_id&, const process_id&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, process_id& x) {
  return f(x.pid, x.start_time);
}

} // namespace hearth
