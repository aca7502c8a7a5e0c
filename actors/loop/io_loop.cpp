#include "actors/loop/io_loop.hpp"

#include <algorithm>
#include <sched.h>

namespace hearth {

namespace {

using clock = std::chrono::steady_clock;

/// Looks for work again and again. @returns whether some came, and was done
bool poll_for(asio::io_context& io, clock::time_point since) {
  do {
    ::sched_yield();
    if (io.poll_one() > 0)
      return true;
  } while (clock::now() - since < spin_policy::longest);
  return false;
}

} // namespace

void spin_policy::waited(std::chrono::nanoseconds time) noexcept {
  average_ += (std::min(time, asleep) - average_) / average_of;
}

void run_io(asio::io_context& io, const loop_settings& how) {
  spin_policy state;
  std::size_t handled = 0; // of this round
  while (!io.stopped()) {
    while (handled < longest_round && io.poll_one() > 0)
      ++handled;
    auto cut_short = handled == longest_round;
    handled = 0;
    if (cut_short)
      how.after_full_round();
    if (how.after_round() || cut_short)
      continue;
    auto since = clock::now();
    auto awake = how.stay_awake && state.pays() && poll_for(io, since);
    handled = awake ? 1 : io.run_one();
    state.waited(clock::now() - since);
  }
}

} // namespace hearth
