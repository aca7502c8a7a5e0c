/// The thread that runs sockets and actors, and the actor system.
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

/// Everything below is for the thread that made it. Its destructor waits for
/// every actor, for ever: call `stop` first, and if that fails, do not destroy
/// it but end the process.
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

  /// Starts the thread. Until then no socket is served, and no actor runs that
  /// has no thread of its own. Does nothing if it runs.
  void start(loop_settings how = {});

  /// Runs `f` on the loop's thread. @returns whether it ran within the limit;
  /// if not, it may still run later, so it must not refer to the caller's stack
  bool run_there(std::function<void()> f, milliseconds limit);

  /// Waits for the end of every actor and ends the thread. Starts the thread
  /// first if it never ran: actors need it to end.
  /// @returns whether both were done within the limit
  bool stop(milliseconds limit);

private:
  asio::io_context io_{1};
  system_config config_;
  caf::actor_system system_;
  std::thread thread_;
  std::future<void> ended_; ///< of the thread
};

} // namespace hearth
