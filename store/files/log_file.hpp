/// Reads and trims the log of a context, which the context's process writes.
/// The actor `logs` calls it for clients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace hearth {

/// Some lines of a log.
struct log_block {
  std::string text;
  std::uint64_t next = 0; ///< the offset in the file behind these lines
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_block& x) {
  return f(x.text, x.next);
}

/// Frees the disk space of the older half of a log that takes more than `max`
/// bytes of the disk. All offsets stay the same, and the process that writes
/// the log does not notice; the removed part reads as nothing. If the file
/// system cannot free a part of a file, the whole log is emptied.
/// @returns whether the log was that large
bool trim_log(const std::string& file, std::uint64_t max);

/// Returns the last `lines` lines of a log, and where to go on. If `job` is not
/// "", only the lines of that job count. Looks at no more than the last 16 MiB.
/// A file that does not exist is an empty log.
log_block last_lines(const std::string& file, const std::string& job,
                     std::size_t lines);

/// Returns whole lines from that offset on, at most 256 KiB, filtered by job in
/// the same way. A longer line is returned in pieces. If the file has become
/// shorter than the offset, it is read from its begin.
log_block lines_from(const std::string& file, const std::string& job,
                     std::uint64_t offset);

} // namespace hearth
