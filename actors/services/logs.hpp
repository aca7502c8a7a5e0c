/// The actor that reads the logs of contexts for clients.
#pragma once

#include <cstdint>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"

namespace hearth {

struct logs_state {
  static inline const char* name = "logs";

  std::string folder; ///< has a folder for each context, named by its id
  millis since = 0;
};

/// Spawn it detached: it blocks on the disk.
/// @param folder has the folders of contexts
logs_actor::behavior_type logs(logs_actor::stateful_pointer<logs_state> self,
                               std::string folder);

} // namespace hearth
