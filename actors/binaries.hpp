/// Which content each binary's name stands for, and which jobs use it. The
/// index is in memory (a job asks it, so it must be quick); content is written
/// by a detached child.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/content_files.hpp"
#include "actors/protocol.hpp"

namespace hearth {

/// Content that somebody uses, or used.
struct used_binary {
  std::string name;
  binary_type type = binary_type::jar;
  std::string digest;
};

/// A job, or a context with all its jobs.
struct binary_user {
  bool is_context = false;
  std::vector<used_binary> binaries;
  std::vector<std::string> fetched; ///< paths of what was fetched for it
};

struct binaries_state {
  static inline const char* name = "binaries";

  // -- fixed --
  std::shared_ptr<content_files> files; ///< `content` alone writes
  store_actor store;
  dependencies_actor dependencies;
  content_actor content;
  std::size_t most = 0; ///< names
  millis since = 0;

  // -- changes --
  /// Oldest first; of those that were replaced only what is in use.
  std::map<std::string, std::vector<binary_record>> versions;
  std::map<std::string, binary_user> users; ///< by the id of job or context
  std::size_t uploads = 0;                  ///< under way
  std::vector<used_binary> doomed; ///< to be removed if nobody needs them

  /// Ids of the jobs that use any version of a binary.
  std::vector<std::string> jobs_with(const std::string& name) const;

  /// Whether a job or a context uses that content.
  bool held(const std::string& digest) const;

  /// Paths of what was fetched from elsewhere and is in use.
  std::vector<std::string> fetched() const;

  /// Whether a version of any binary has that content.
  bool known(const std::string& digest) const;
};

/// @param files where the content lies
/// @param dependencies fetches what is not a binary of ours
/// @param known every version in the store, oldest first
/// @param most how many names there may be
binaries_actor::behavior_type
binaries(binaries_actor::stateful_pointer<binaries_state> self,
         std::shared_ptr<content_files> files, store_actor store,
         dependencies_actor dependencies, std::vector<binary_record> known,
         std::size_t most);

} // namespace hearth
