/// Runs an io_context like its own `run`, but stays awake for what comes soon.
///
/// A thread that sleeps is woken in some 20 µs, and its core has cold caches
/// by then, which costs as much again. A small native job ends sooner than
/// that, so the thread that sent it looks out for its end instead: a sync job
/// at one connection is a third faster, for no more CPU in all. Whoever else
/// wants the core gets it meanwhile.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>

#include <asio/io_context.hpp>

namespace hearth {

/// Decides whether to stay awake, from how long the last waits were. Not
/// thread-safe.
class spin_policy {
public:
  /// How long to stay awake at most.
  static constexpr std::chrono::microseconds longest{60};

  /// Something came after that long; a longer wait tells no more than one of
  /// `asleep`.
  void waited(std::chrono::nanoseconds time) noexcept;

  /// Whether what comes next is likely to come soon.
  bool pays() const noexcept {
    return average_ < soon;
  }

private:
  /// Also what they are taken for at first. Waits are measured with the time
  /// that it takes to wake up, and what came is worked on in it.
  static constexpr std::chrono::nanoseconds asleep{1'000'000};
  static constexpr std::chrono::nanoseconds soon{150'000};
  /// How many waits the average is of.
  static constexpr int average_of = 8;

  std::chrono::nanoseconds average_ = asleep;
};

/// What a loop calls, on its thread, besides the handlers of the io_context.
struct loop_settings {
  /// false: sleeps whenever there is nothing to do
  bool stay_awake = false;
  /// After each round of handlers. @returns whether there was anything to do
  std::function<bool()> after_round = [] { return false; };
  /// After a round that was cut short, before `after_round`: for what must not
  /// wait until all sockets have had their turn, of which a flood of requests
  /// makes thousands ready.
  std::function<void()> after_full_round = [] {};
};

/// Returns when the io_context is stopped or has nothing left to do. On the
/// thread that calls it, and one only. All that is ready is handled in rounds:
/// what begins together goes on together, in larger messages to agents and
/// larger transactions.
void run_io(asio::io_context& io, const loop_settings& how);

/// Handlers of a round.
inline constexpr std::size_t longest_round = 64;

} // namespace hearth
