/// The actor system's configuration: our message types, our errors, and the
/// scheduler that runs actors on the thread of the sockets.
#pragma once

#include <asio/io_context.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "actors/loop/io_loop.hpp"

namespace hearth {

class system_config : public caf::actor_system_config {
public:
  /// Knows our messages and errors; has CAF's own scheduler with one thread.
  system_config();

  /// Runs actors on the thread that runs `io`, see io_scheduler.
  system_config& run_actors_on(asio::io_context& io);
};

/// Runs the io_context and the actors of a system whose configuration was told
/// to `run_actors_on` it, until the io_context is stopped.
void run_io(asio::io_context& io, caf::actor_system& system,
            const loop_settings& settings);

} // namespace hearth
