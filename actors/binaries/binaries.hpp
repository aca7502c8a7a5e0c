/// Which content each binary's name stands for, and which jobs use it. The
/// index is in memory (a job asks it, so it must be quick); content is written
/// by a detached child.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/binaries/index.hpp"

namespace hearth {

struct binaries_state {
  static inline const char* name = "binaries";

  // -- fixed --
  std::shared_ptr<binary_registry> shared; ///< `content` alone writes files
  store_actor store;
  dependencies_actor dependencies;
  content_actor content;
  std::size_t most = 0; ///< names
  millis since = 0;

  // -- changes --
  std::size_t uploads = 0;         ///< under way
  std::vector<used_binary> doomed; ///< to be removed if nobody needs them
};

/// @param shared what it knows; nothing yet
/// @param dependencies fetches what is not a binary of ours
/// @param known every version in the store, oldest first
/// @param most how many names there may be
binaries_actor::behavior_type
binaries(binaries_actor::stateful_pointer<binaries_state> self,
         std::shared_ptr<binary_registry> shared, store_actor store,
         dependencies_actor dependencies, std::vector<binary_record> known,
         std::size_t most);

} // namespace hearth
