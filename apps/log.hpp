/// The server's log: lines on stderr, which a thread of its own writes.
///
/// Code that logs only puts a line into a queue, and never waits. If stderr is
/// a pipe that nobody reads or a terminal that was stopped, the queue fills up.
/// The oldest lines are then dropped, and a line in their place says how many.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace hearth {

/// Starts the log as spdlog's default logger. Call it once. If the process
/// crashes, the lines that were logged before are still written.
/// @param level a name of spdlog, e.g. "info"
/// @param file the descriptor to write to, which stays open
/// @param most_lines how many lines may wait in the queue
void start_log(const std::string& level, int file = 2,
               std::size_t most_lines = 4096);

/// Returns when all lines that were logged so far are written. Call it before
/// the process ends. Lines that the reader of stderr does not take within
/// `patience` are lost, and lines that are logged later are not waited for.
void end_log(std::chrono::milliseconds patience = std::chrono::seconds{1});

} // namespace hearth
