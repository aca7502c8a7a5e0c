/// The parts of the server that contexts and their jobs work with.
///
/// The composition root (apps/node.cpp) fills one object of this type. The
/// supervisor, each context and each job share it and never change it. A part
/// may be missing only where its comment says so.
#pragma once

#include <memory>

#include "actors/api/interfaces.hpp"
#include "actors/api/job_directory.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth {

class binary_registry;

struct services {
  std::shared_ptr<launch::launcher> launcher; ///< watches and signals processes
  drivers_actor drivers;                      ///< starts processes
  binaries_actor binaries;
  /// The binaries that the actor `binaries` keeps, so that jobs need not ask
  /// that actor. May be null; jobs then ask it.
  std::shared_ptr<binary_registry> registry;
  store_actor store;
  results_actor results;
  callbacks_actor callbacks;
  progress_actor progress;
  data_actor data;
  /// The live jobs of all contexts.
  std::shared_ptr<job_directory> jobs = std::make_shared<job_directory>();
};

using services_ptr = std::shared_ptr<const services>;

} // namespace hearth
