/// Owns the thread that runs sockets and actors, called the main thread in the
/// documents, and the actor system. The composition root owns it.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <thread>

#include <asio/io_context.hpp>
#include <caf/actor_system.hpp>

#include "actors/loop/io_loop.hpp"
#include "apps/actor_system.hpp"

namespace hearth {

/// Only the thread that made it may call its functions. The destructor waits
/// for every actor without a limit. So call `stop` first; if that fails, end
/// the process instead of destroying this object.
class event_loop {
public:
  using milliseconds = std::chrono::milliseconds;

  event_loop();

  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  asio::io_context& io() noexcept {
    return io_;
  }

  caf::actor_system& system() noexcept {
    return system_;
  }

  /// Starts the thread. Before that no socket is served, and only actors with a
  /// thread of their own run. Does nothing if the thread runs already.
  void start(loop_settings settings = {});

  /// Runs `f` on the loop's thread.
  /// @returns whether it ran within the limit; if not, it may still run later,
  ///          so it must not refer to the caller's stack
  bool run_there(std::function<void()> f, milliseconds limit);

  /// Waits for the end of every actor and ends the thread. If the thread was
  /// never started, starts it first, because actors need it to end.
  /// @returns whether both were done within the limit
  bool stop(milliseconds limit);

private:
  asio::io_context io_{1};
  system_config config_;
  caf::actor_system system_;
  std::thread thread_;
  std::future<void> ended_; ///< ready when the thread has ended
};

} // namespace hearth
