/// Reads what the kernel knows about a process from /proc. Internal to
/// runtime/launch.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace hearth::launch {

struct proc_stat {
  std::int64_t pid = 0;
  char state = '?'; ///< 'Z' and 'X' mean that it has ended
  std::int64_t group = 0;
  std::int64_t start_time = 0; ///< clock ticks since boot
};

/// Parses the text of a file /proc/PID/stat. The name of the program in it may
/// have spaces and parentheses.
/// @returns nothing if the text is not of that form
std::optional<proc_stat> parse_proc_stat(std::string_view text);

/// Reads the stat file of a process.
/// @returns nothing if there is no such process
std::optional<proc_stat> read_proc_stat(std::int64_t pid);

/// Returns the processes of a process group that have not ended. Reads all of
/// /proc, which takes milliseconds.
std::vector<proc_stat> live_members(std::int64_t group);

/// Opens a descriptor that becomes readable when the process has ended. (The
/// header <sys/pidfd.h> of Debian 12 cannot be used from C++.)
/// @returns -1 with `errno` set if that fails
int open_pidfd(std::int64_t pid);

/// Returns the time since boot in the unit of `start_time`.
std::int64_t ticks_since_boot();

} // namespace hearth::launch
