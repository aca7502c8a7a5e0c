/// A scheduler for CAF that runs the system's actors on the thread of an
/// io_context, between rounds of the handlers of its sockets, and measures each
/// turn.
///
/// So a job wakes no thread on its way from its HTTP connection over its actors
/// to the link of its agent. If actors had threads of their own, a job would
/// wake four, and each wake-up costs more than all the work of the actors.
/// Detached actors still have threads of their own.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include <asio/io_context.hpp>
#include <caf/execution_unit.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include "actors/loop/coalescing_clock.hpp"
#include "actors/loop/io_loop.hpp"

namespace hearth {

/// Exactly one thread has to run the io_context, until the last actor has ended
/// (`actor_system::await_all_actors_done`). The io_context has to outlive the
/// actor system.
class io_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  io_scheduler(caf::actor_system& system, asio::io_context& io);
  ~io_scheduler() override;

  /// Runs the io_context until it is stopped. After each round of handlers it
  /// runs all actors that have something to do, so that work under way goes on
  /// before new work begins; then it calls `settings.after_round`. If the
  /// io_context is run in any other way, handlers and turns of actors
  /// alternate.
  void run(const loop_settings& settings);

  /// Gives an actor a turn later. Any thread may call it.
  void enqueue(caf::resumable* x) override;

  coalescing_clock& clock() noexcept override {
    return clock_;
  }

protected:
  void start() override;
  void stop() override;

private:
  class queue;

  asio::io_context& io_;
  std::shared_ptr<queue> queue_; ///< shared with handlers of the io_context
  coalescing_clock clock_;
  std::thread clock_thread_;
};

} // namespace hearth
