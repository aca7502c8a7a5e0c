/// Keeps a flood of strangers from filling the log: only some lines of each
/// period are written, and the others are counted. Internal to runtime/link.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

namespace hearth::link {

/// Decides which lines are written. It does not write them itself.
class line_budget {
public:
  using clock = std::chrono::steady_clock;

  line_budget(std::size_t lines, std::chrono::milliseconds period)
    : lines_(lines), period_(period) {}

  /// Whether a line may be written now. If not, it is counted.
  bool admits(clock::time_point now) noexcept;

  /// Returns when the number of lines that were left out should be reported;
  /// nothing if no lines were.
  std::optional<clock::time_point> due() const noexcept;

  /// @returns how many lines were left out since the last call
  std::size_t take_left_out() noexcept;

private:
  const std::size_t lines_;
  const std::chrono::milliseconds period_;
  clock::time_point begin_{};
  std::size_t written_ = 0;
  std::size_t left_out_ = 0;
};

/// Writes at most eight lines in ten seconds, and then one that says how many
/// were left out. Runs on the link's thread.
class limited_log {
public:
  explicit limited_log(const asio::any_io_executor& executor)
    : timer_(executor) {}

  void warn(const std::string& text);

  /// Reports the lines that were left out now, and starts no more timers.
  void close();

private:
  /// Shared with the timer's handler, which may run after this object's end.
  struct state {
    line_budget budget{8, std::chrono::seconds{10}};
    bool timed = false;
  };

  static void report(state& x);

  std::shared_ptr<state> state_ = std::make_shared<state>();
  asio::steady_timer timer_;
  bool closed_ = false;
};

} // namespace hearth::link
