/// Measures the loop's work piece by piece, with one look at the clock for
/// each (20 ns).
#pragma once

#include <string>

#include "base/loop_watch.hpp"

namespace hearth {

/// Each piece begins when the one before it ended. Used by the loop's thread
/// alone; what took long goes to `the_loop_watch()` and into the log.
class stopwatch {
public:
  using clock = loop_watch::clock;

  /// The next piece begins now.
  void start() noexcept {
    started_ = clock::now();
  }

  /// When the piece under way began.
  clock::time_point started() const noexcept {
    return started_;
  }

  /// A handler ended; the next piece begins.
  void handler_ended() {
    auto begin = next();
    handler_ended(begin);
  }

  /// The same for the handler that was run after `expect_sleep`: when it began
  /// is known only if it named itself.
  void first_handler_ended() {
    next();
    handler_ended(begin_after_sleep(started_));
  }

  /// A turn of an actor ended; the next piece begins.
  /// @param describe `work's name -> std::string`, called if it took long
  /// @returns whether it took longer than it should
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

  /// @returns when the piece that ends now began
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
