/// Knows who may do what. Detached: to check a password takes long.
#pragma once

#include <filesystem>
#include <string>

#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "store/files/users_file.hpp"

namespace hearth {

struct access_state {
  static inline const char* name = "access";

  user_map users;
  std::filesystem::file_time_type read_at{}; ///< the file's time, when read
  std::string no_ones; ///< a hash, for users that there are not
};

/// @param file is read again when it changed
access_actor::behavior_type
access(access_actor::stateful_pointer<access_state> self,
       std::filesystem::path file);

} // namespace hearth
