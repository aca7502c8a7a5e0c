/// The configuration of the actor system: our message types, our errors, and
/// the scheduler that runs actors on the main thread.
#pragma once

#include <asio/io_context.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "actors/loop/io_loop.hpp"

namespace hearth {

class system_config : public caf::actor_system_config {
public:
  /// Registers our messages and errors, and selects CAF's own scheduler with
  /// one thread.
  system_config();

  /// Selects the scheduler that runs actors on the thread that runs `io` (see
  /// io_scheduler.hpp).
  system_config& run_actors_on(asio::io_context& io);
};

/// Runs the io_context and the actors of the system until the io_context is
/// stopped. The system's configuration must have called `run_actors_on(io)`.
void run_io(asio::io_context& io, caf::actor_system& system,
            const loop_settings& settings);

} // namespace hearth
