/// What /proc and logs tell of processes.
#pragma once

#include <cstdint>
#include <sys/types.h>

namespace hearth::launch {

/// When a process started, in clock ticks since boot; 0 if there is no such
/// process. A zombie is one.
std::int64_t start_time_of(pid_t pid);

} // namespace hearth::launch
