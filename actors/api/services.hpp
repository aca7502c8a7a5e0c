/// The parts of the server that contexts and their jobs work with.
///
/// The composition root fills one object of this type; the supervisor, each
/// context and each job share it and never change it. A part that a unit test
/// does not need may stay empty where its comment says so.
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
  /// What `binaries` knows, for jobs that need not ask it. May be null: then
  /// jobs ask.
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
