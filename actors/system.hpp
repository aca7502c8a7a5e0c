/// The actor system's configuration: our message types, our errors, a
/// scheduler that fits the machine.
#pragma once

#include <cstddef>

#include <caf/actor_system_config.hpp>

namespace hearth {

class system_config : public caf::actor_system_config {
public:
  /// @param threads workers of the scheduler; one is the fastest as long as
  ///        the hops between threads, not the work, are what a job costs
  explicit system_config(std::size_t threads);

  /// Takes a scheduler whose clock costs less; not for tests that want their
  /// own.
  system_config& with_quiet_clock();
};

} // namespace hearth
