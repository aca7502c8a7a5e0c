#include "actors/loop/io_loop.hpp"

#include <algorithm>
#include <sched.h>
#include <utility>

#include "actors/loop/stopwatch.hpp"

namespace hearth {

namespace {

using clock = loop_watch::clock;

/// Polls until a handler was run or the time is over. @returns whether one was
bool poll_for(asio::io_context& io, stopwatch& watch, clock::time_point since) {
  do {
    ::sched_yield();
    watch.start();
    if (io.poll_one() > 0) {
      watch.handler_ended();
      return true;
    }
  } while (watch.started() - since < spin_policy::longest);
  return false;
}

/// Runs the handlers that are ready.
/// @returns how many it has run
std::size_t run_round(asio::io_context& io, stopwatch& watch,
                      std::size_t handled) {
  while (handled < longest_round && io.poll_one() > 0) {
    ++handled;
    watch.handler_ended();
  }
  return handled;
}

} // namespace

void spin_policy::waited(std::chrono::nanoseconds time) noexcept {
  average_ += (std::min(time, asleep) - average_) / average_of;
}

void run_io(asio::io_context& io, const loop_settings& settings) {
  loop_thread mark;
  stopwatch watch;
  spin_policy spin;
  std::size_t handled = 0; // in this round
  while (!io.stopped()) {
    handled = run_round(io, watch, handled);
    auto cut_short = std::exchange(handled, 0) == longest_round;
    if (cut_short)
      settings.after_full_round();
    auto has_more = settings.after_round() || cut_short;
    watch.start();
    if (has_more)
      continue;
    auto since = watch.started();
    if (!settings.stay_awake || !spin.pays() || !poll_for(io, watch, since)) {
      expect_sleep();
      handled = io.run_one();
      watch.first_handler_ended();
    } else {
      handled = 1;
    }
    spin.waited(watch.started() - since);
  }
}

} // namespace hearth
