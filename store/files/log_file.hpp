/// The log of a context, which its process writes and clients read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace hearth {

/// Lines of a log.
struct log_block {
  std::string text;
  std::uint64_t next = 0; ///< offset in the file behind them
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, log_block& x) {
  return f(x.text, x.next);
}

/// Gives the space of a log's older half back once it takes more than `max`
/// bytes of the disk. Offsets stay what they are, and who writes it does not
/// notice: what is gone reads as nothing. Where the file system cannot do that,
/// the log begins anew.
/// @returns whether it was that large
bool trim_log(const std::string& file, std::uint64_t max);

/// The last `lines` lines of a log, those of one job unless `job` is "", and
/// where to go on. Looks at the last 16 MiB at most. No file is an empty log.
log_block last_lines(const std::string& file, const std::string& job,
                     std::size_t lines);

/// Whole lines from that offset on, 256 KiB at most, filtered the same way. A
/// line longer than that comes in pieces. Begins anew with a file that has
/// become shorter.
log_block lines_from(const std::string& file, const std::string& job,
                     std::uint64_t offset);

} // namespace hearth
