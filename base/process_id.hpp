/// The identity of a process: its pid and the time at which it started. A pid
/// alone is not enough, because the system uses it again for another process.
#pragma once

#include <cstdint>

namespace hearth {

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
