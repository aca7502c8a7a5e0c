/// Fetches jars from other servers: what a `http:`, `https:` or `ftp:` URL
/// names, and what `maven:group:artifact:version` needs to run. One at a time,
/// in a detached actor. What was fetched stays in a folder until that is full:
/// a URL is asked whether it changed each time, a released Maven artifact never
/// again.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "runtime/fetch/dependency_cache.hpp"
#include "runtime/fetch/transfer.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth {

struct dependency_settings {
  std::string folder;
  std::uint64_t max_bytes = 512 << 20;                ///< of one file
  std::uint64_t max_folder = std::uint64_t{10} << 30; ///< bytes, of all
  std::chrono::milliseconds limit{300'000}; ///< for one URL or coordinate
  std::string maven = "mvn";                ///< the program
  std::string maven_repositories;           ///< URLs, comma-separated, or ""
  /// What Maven gets of the server's environment beyond the usual.
  std::vector<std::string> environment;
};

/// What was fetched from a URL.
struct fetched {
  remote_state state;
  protocol::binary_ref ref;
};

struct dependencies_state {
  static inline const char* name = "dependencies";

  dependency_settings settings;
  std::shared_ptr<launch::launcher> launcher;
  std::unique_ptr<dependency_cache> cache;
  millis since = 0;
  std::map<std::string, fetched> known; ///< by URL
};

/// Whether URIs of that scheme are fetched.
bool is_remote(std::string_view scheme) noexcept;

dependencies_actor::behavior_type
dependencies(dependencies_actor::stateful_pointer<dependencies_state> self,
             dependency_settings settings,
             std::shared_ptr<launch::launcher> launcher);

} // namespace hearth
