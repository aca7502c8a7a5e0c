/// The actor that keeps the files that clients upload to `/data`, and reads
/// files for agents. Spawn it detached: it blocks on the disk.
#pragma once

#include <memory>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "store/files/data_files.hpp"

namespace hearth {

struct data_state {
  static inline const char* name = "data";
};

data_actor::behavior_type data(data_actor::stateful_pointer<data_state> self,
                               std::shared_ptr<data_files> files);

} // namespace hearth
