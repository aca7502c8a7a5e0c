/// The actor system's configuration: our message types, our errors, a
/// scheduler that fits the machine.
#pragma once

#include <cstddef>

#include <asio/io_context.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include "actors/loop/io_loop.hpp"

namespace hearth {

class system_config : public caf::actor_system_config {
public:
  /// @param threads workers of CAF's own scheduler
  explicit system_config(std::size_t threads);

  /// Takes a scheduler whose clock costs less; not for tests that want their
  /// own.
  system_config& with_quiet_clock();

  /// Runs actors where `io` runs, see io_scheduler; or, if there are threads
  /// for them, there, with a quiet clock.
  system_config& run_actors_on(asio::io_context& io, std::size_t threads);
};

/// Runs an io_context, and the actors of the system if they run on it, until it
/// is stopped.
void run_io(asio::io_context& io, caf::actor_system& system,
            const loop_settings& how);

} // namespace hearth
