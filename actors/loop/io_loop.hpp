/// Runs an io_context in rounds, with room between them for the actors, and
/// measures how long each handler takes.
///
/// Waking a thread that sleeps takes some 20 µs, and its core has cold caches
/// by then. A small native job ends sooner than that. So if the settings ask
/// for it, the thread polls for a while before it sleeps. It yields while it
/// polls, so that other threads get the core if they need it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include <asio/io_context.hpp>

namespace hearth {

/// Decides whether polling is worth its CPU, from how long the last waits
/// were. Not thread-safe.
class spin_policy {
public:
  /// The longest time for which one wait is polled.
  static constexpr std::chrono::microseconds longest{60};

  /// Notes that work arrived after that time. Waits longer than `asleep` count
  /// as `asleep`.
  void waited(std::chrono::nanoseconds time) noexcept;

  /// Whether the next work is likely to arrive soon.
  bool pays() const noexcept {
    return average_ < soon;
  }

private:
  /// The upper bound of a wait, and the first average.
  static constexpr std::chrono::nanoseconds asleep{1'000'000};
  /// Averages below this make polling worth while. Measured waits include the
  /// time to wake up and to do the work that arrived.
  static constexpr std::chrono::nanoseconds soon{150'000};
  /// How many waits the moving average covers.
  static constexpr int average_of = 8;

  std::chrono::nanoseconds average_ = asleep;
};

/// What the loop calls on its thread besides the handlers of the io_context.
struct loop_settings {
  /// Whether to poll before sleeping while work arrives at short intervals.
  bool stay_awake = false;
  /// Called after each round of handlers. Returns whether it did any work.
  std::function<bool()> after_round = [] { return false; };
  /// Called when a round ended because it reached `longest_round`, before
  /// `after_round`. It is for work that must not wait behind thousands of ready
  /// sockets.
  std::function<void()> after_full_round = [] {};
};

/// Runs the io_context until it is stopped or has nothing left to do. One
/// thread at a time may call it. Handlers run in rounds of up to
/// `longest_round`. Work that begins in the same round goes on together, in
/// larger writes to agents and larger transactions. Handlers that take too long
/// are reported to `the_loop_watch()`.
void run_io(asio::io_context& io, const loop_settings& settings);

/// The largest number of handlers in one round.
inline constexpr std::size_t longest_round = 64;

} // namespace hearth
