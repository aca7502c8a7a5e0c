/// What a supervisor gives to the actor of a context that it spawns.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/api/context_directory.hpp"
#include "actors/api/services.hpp"
#include "actors/contexts/backoff.hpp"
#include "actors/contexts/policy.hpp"
#include "base/setting.hpp"
#include "store/records.hpp"

namespace hearth {

/// A process that an earlier server started, and the jobs that ran in it.
struct leftover_process {
  std::string token;            ///< "": there is no process
  std::vector<job_record> jobs; ///< not in a final state; without configuration
  /// The jobs among them that wait for a slot, with their configuration.
  std::vector<std::pair<job_record, queue_entry>> queued;
};

struct context_spec {
  context_record record; ///< id, name, settings as JSON, start time, ad hoc
  settings_map settings;
  std::vector<std::string> jars; ///< names and URIs that all its jobs see
  context_policy policy;
  leftover_process leftover;
  std::uint64_t parent = 0; ///< id of the supervisor's actor
  services_ptr services;
  std::shared_ptr<slot_gauge> slots = std::make_shared<slot_gauge>();
  random_fraction random = next_random_fraction; ///< used for pauses
};

} // namespace hearth
