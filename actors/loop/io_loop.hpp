/// Runs an io_context in rounds, with room between them for the actors, and
/// measures how long each handler takes.
///
/// A thread that sleeps is woken in some 20 µs, and its core has cold caches
/// by then. A small native job ends sooner than that, so on request the thread
/// polls for its end instead of sleeping. It yields while it polls, so others
/// get the core if they want it.
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
  /// How long one wait is polled for at most.
  static constexpr std::chrono::microseconds longest{60};

  /// Work came after that long. Waits longer than `asleep` count as `asleep`.
  void waited(std::chrono::nanoseconds time) noexcept;

  /// Whether the next work is likely to come soon.
  bool pays() const noexcept {
    return average_ < soon;
  }

private:
  /// The upper bound of a wait, and the average to begin with.
  static constexpr std::chrono::nanoseconds asleep{1'000'000};
  /// Measured waits contain the time to wake up and to do what came.
  static constexpr std::chrono::nanoseconds soon{150'000};
  /// How many waits the moving average covers.
  static constexpr int average_of = 8;

  std::chrono::nanoseconds average_ = asleep;
};

/// What the loop calls on its thread besides the handlers of the io_context.
struct loop_settings {
  /// Whether to poll instead of sleeping while work comes at short intervals.
  bool stay_awake = false;
  /// Called after each round of handlers. @returns whether it did any work
  std::function<bool()> after_round = [] { return false; };
  /// Called when a round ended because it reached `longest_round`, before
  /// `after_round`. For work that must not wait behind thousands of ready
  /// sockets.
  std::function<void()> after_full_round = [] {};
};

/// Runs the io_context until it is stopped or has nothing left to do. One
/// thread at a time may call it. Handlers run in rounds of up to
/// `longest_round`: what begins in one round goes on together, in larger
/// messages to agents and larger transactions. Handlers that take too long are
/// reported to `the_loop_watch()`.
void run_io(asio::io_context& io, const loop_settings& settings);

/// How many handlers run in one round at most.
inline constexpr std::size_t longest_round = 64;

} // namespace hearth
