/// The detached children of the actor `binaries`. They wait for the disk, so
/// that `binaries` does not have to.
#pragma once

#include <memory>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "store/files/content_files.hpp"

namespace hearth {

struct content_state {
  static inline const char* name = "content";
};

/// Checks that uploads are whole, hashes them and writes them to the disk.
content_actor::behavior_type
content(content_actor::stateful_pointer<content_state> self,
        std::shared_ptr<content_files> files, std::uint64_t parent);

struct local_files_state {
  static inline const char* name = "local files";
};

/// Looks at files that jobs name by their path.
local_files_actor::behavior_type
local_files(local_files_actor::stateful_pointer<local_files_state> self,
            std::uint64_t parent);

} // namespace hearth
