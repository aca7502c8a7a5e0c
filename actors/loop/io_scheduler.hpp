/// Runs the system's actors on the thread of an io_context, between rounds of
/// the handlers of its sockets. A job then wakes no thread on its way from the
/// HTTP edge over its actors to its agent's link; with a thread for actors it
/// wakes four, and each costs more than all that the actors do. Detached
/// actors keep threads of their own.
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

/// Actors run while one thread, and no other, runs the io_context. That has to
/// go on until the last actor has ended (`actor_system::
/// await_all_actors_done`); the io_context has to outlive the system.
class io_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  io_scheduler(caf::actor_system& system, asio::io_context& io);
  ~io_scheduler() override;

  /// Runs the io_context until it is stopped, and after each round of handlers
  /// the actors that have something to do then: what has begun goes on before
  /// anything new does. Whoever runs the io_context himself has actors and
  /// handlers run in turn.
  /// @param how what it calls `after_round` is called when no actor has
  /// anything
  ///        to do
  void run(const loop_settings& how);

  /// Any thread.
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
  std::shared_ptr<queue> queue_; ///< handlers of the io_context hold it, too
  coalescing_clock clock_;
  std::thread clock_thread_;
};

} // namespace hearth
