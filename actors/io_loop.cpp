#include "actors/io_loop.hpp"

#include <algorithm>
#include <sched.h>

namespace hearth {

namespace {

using clock = std::chrono::steady_clock;

/// Looks for work again and again. @returns whether some came, and was done
bool look_out(asio::io_context& io, clock::time_point since) {
  do {
    ::sched_yield();
    if (io.poll_one() > 0)
      return true;
  } while (clock::now() - since < wakefulness::longest);
  return false;
}

} // namespace

void wakefulness::waited(std::chrono::nanoseconds time) noexcept {
  average_ += (std::min(time, asleep) - average_) / average_of;
}

void run_io(asio::io_context& io, bool stay_awake,
            const std::function<void()>& between) {
  wakefulness state;
  while (!io.stopped()) {
    if (io.poll_one() == 0) {
      auto since = clock::now();
      if (!(stay_awake && state.pays() && look_out(io, since)))
        io.run_one();
      state.waited(clock::now() - since);
    }
    between();
  }
}

} // namespace hearth
