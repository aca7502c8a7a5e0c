/// The server's log: lines on stderr, written by a thread of their own.
///
/// Whoever logs only puts the line into a queue. If stderr is a pipe that
/// nobody reads or a terminal that was stopped, the queue fills up; then the
/// oldest lines are dropped, and a line in their place says how many. Nobody
/// ever waits for the log.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace hearth {

/// Starts the log, once, as spdlog's default logger. Should the process crash,
/// what was logged before is still written.
/// @param level as spdlog names them, e.g. "info"
/// @param file descriptor to write to; stays open
/// @param most_lines how many lines wait at most
void start_log(const std::string& level, int file = 2,
               std::size_t most_lines = 4096);

/// Returns when all that was logged so far is written. What the reader has not
/// taken within `patience` is lost, and lines that are logged later are not
/// waited for. To be called before the process ends.
void end_log(std::chrono::milliseconds patience = std::chrono::seconds{1});

} // namespace hearth
