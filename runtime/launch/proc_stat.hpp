/// Reads what the kernel knows about a process. Internal to runtime/launch.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hearth::launch {

struct proc_stat {
  std::int64_t pid = 0;
  char state = '?'; ///< 'Z' and 'X': it has ended
  std::int64_t group = 0;
  std::int64_t start_time = 0; ///< clock ticks since boot
};

/// Reads the text of a stat file; nothing if it is not one. The name of the
/// program in it may hold spaces and parentheses.
std::optional<proc_stat> parse_proc_stat(std::string_view text);

/// Nothing if there is no such process.
std::optional<proc_stat> read_proc_stat(std::int64_t pid);

/// The processes of that process group that have not ended. It reads all of
/// /proc, which takes milliseconds.
std::vector<proc_stat> live_members(std::int64_t group);

/// A descriptor that is readable once the process has ended, -1 with errno
/// otherwise. (Debian 12's <sys/pidfd.h> is not usable from C++.)
int open_pidfd(std::int64_t pid);

/// The time since boot in the unit of `start_time`.
std::int64_t ticks_since_boot();

} // namespace hearth::launch
