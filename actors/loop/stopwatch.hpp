/// Measures each piece of the loop's work with one look at the clock, which
/// takes 20 ns. `run_io` and `io_scheduler` use it.
#pragma once

#include <string>

#include "base/loop_watch.hpp"

namespace hearth {

/// Each piece begins when the one before it ended. Pieces that took long are
/// reported to `the_loop_watch()` and logged. Only the loop's thread may use
/// it.
class stopwatch {
public:
  using clock = loop_watch::clock;

  /// Lets the next piece begin now.
  void start() noexcept {
    started_ = clock::now();
  }

  /// Returns when the piece under way began.
  clock::time_point started() const noexcept {
    return started_;
  }

  /// Call it when a handler has ended. The next piece begins.
  void handler_ended() {
    auto begin = next();
    handler_ended(begin);
  }

  /// Call it when the first handler after `expect_sleep` has ended. When that
  /// handler began is known only if it named itself.
  void first_handler_ended() {
    next();
    handler_ended(begin_after_sleep(started_));
  }

  /// Call it when a turn of an actor has ended. The next piece begins.
  /// @param describe `work's name -> std::string`, called if the turn took long
  /// @returns whether it took longer than `loop_watch::limit`
  template <class Describe>
  bool turn_ended(Describe describe) {
    auto begin = next();
    auto time = started_ - begin;
    auto work = take_work_name();
    auto& turns = the_loop_watch().turns;
    if (turns.matters(time))
      report(turns, time, describe(work));
    return time > loop_watch::limit;
  }

private:
  void handler_ended(clock::time_point begin);

  /// Ends a piece.
  /// @returns when it began
  clock::time_point next() noexcept {
    auto begin = started_;
    started_ = clock::now();
    return begin;
  }

  void report(loop_watch::kind& kind, std::chrono::nanoseconds time,
              std::string_view name);

  clock::time_point started_ = clock::now();
};

} // namespace hearth
