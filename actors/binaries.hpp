/// Which content each binary's name stands for, and which jobs use it. The
/// index is in memory (a job asks it, so it must be quick); content is written
/// by a detached child.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/content_files.hpp"
#include "actors/protocol.hpp"

namespace hearth {

struct binaries_state {
  static inline const char* name = "binaries";

  // -- fixed --
  std::shared_ptr<content_files> files; ///< `content` alone writes
  store_actor store;
  content_actor content;
  millis since = 0;

  // -- changes --
  std::map<std::string, std::vector<binary_record>> versions; ///< oldest first
  std::map<std::string, std::set<std::string>> used;          ///< job -> names

  /// Ids of the jobs that use a binary.
  std::vector<std::string> users(const std::string& name) const;

  /// Whether a version of any binary has that content.
  bool known(const std::string& digest) const;
};

/// @param files where the content lies
/// @param known every version in the store, oldest first
binaries_actor::behavior_type
binaries(binaries_actor::stateful_pointer<binaries_state> self,
         std::shared_ptr<content_files> files, store_actor store,
         std::vector<binary_record> known);

} // namespace hearth
