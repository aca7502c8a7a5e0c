/// Fetches jars from other servers: what a `http:`, `https:` or `ftp:` URL
/// names, and what `maven:group:artifact:version` needs to run.
///
/// A few fetches run at once, and fewer from one host (for Maven: of one
/// group), so that a host that is slow delays only what comes from it. Those
/// who ask for the same URI share a fetch. Whatever happens, a fetch is over
/// within the limit, counted from when it was asked for.
///
/// What was fetched stays in a folder until that is full: a URL is asked
/// whether it changed each time, a released Maven artifact never again.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "base/fair_queue.hpp"
#include "base/process_id.hpp"
#include "runtime/fetch/dependency_cache.hpp"
#include "runtime/fetch/maven.hpp"
#include "runtime/fetch/transfers.hpp"
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
  std::vector<std::string> environment = {};
  std::size_t at_once = 8;         ///< fetches
  std::size_t at_once_of_host = 2; ///< the same of one host
};

/// What was fetched from a URL.
struct fetched_url {
  remote_state state;
  protocol::binary_ref ref;
};

/// One fetch, for all who ask for its URI while it goes on.
struct open_fetch {
  using promise = caf::typed_response_promise<resolved_binaries>;

  std::uint64_t number = 0; ///< distinguishes it from later ones of its URI
  std::string host;
  std::chrono::steady_clock::time_point asked;
  bool running = false; ///< else it waits for its turn
  std::vector<promise> askers;
  std::vector<std::string> in_use; ///< what must not make room for it
  std::string scratch;             ///< a URL is downloaded into this file
  process_id maven;                ///< while it runs
  bool timed_out = false;
};

struct dependencies_state {
  static inline const char* name = "dependencies";

  explicit dependencies_state(dependencies_self::pointer self) : self(self) {
    // nop
  }

  /// Ends the Maven processes that still run, and answers all who wait.
  ~dependencies_state();

  caf::result<resolved_binaries> resolve(const std::string& uri,
                                         const std::vector<std::string>& used);

  /// The transfer or the Maven process of that URI has ended.
  void fetched(const std::string& uri, const transfer_outcome& outcome);

  /// The time for a fetch is over.
  void expire(const std::string& uri, std::uint64_t number);

  dependencies_self::pointer self;
  dependency_settings settings;
  std::shared_ptr<launch::launcher> launcher;
  std::shared_ptr<transfers> http; ///< and FTP
  std::unique_ptr<dependency_cache> cache;
  millis since = 0;
  std::map<std::string, open_fetch> open; ///< by URI

private:
  /// Where an artifact lies, with what Maven said.
  std::filesystem::path folder_of(const maven_coordinate& x) const;

  /// Whether an artifact lies here and cannot have changed.
  bool has_final(const maven_coordinate& x) const;

  void start_next();
  void start(const std::string& uri, open_fetch& x);
  void download(const std::string& uri, open_fetch& x);
  void start_maven(const std::string& uri, open_fetch& x);
  resolved_binaries take_download(const std::string& uri,
                                  const transfer_outcome& outcome);
  resolved_binaries take_artifact(const std::string& uri,
                                  const maven_coordinate& coordinate);
  protocol::binary_ref reference(const std::string& name,
                                 const std::string& path);
  void make_room(const std::vector<std::string>& in_use);
  void answer(const std::string& uri, const resolved_binaries& found);
  void fail(const std::string& uri, const std::string& why);
  open_fetch close(const std::string& uri);

  std::map<std::string, fetched_url> known_;   ///< by URL
  std::map<std::string, std::string> digests_; ///< by path, of artifacts' jars
  fair_queue<fifo<std::string>> waiting_;      ///< URIs, by host
  std::map<std::string, std::size_t> running_; ///< how many, by host
  std::size_t running_total_ = 0;
  std::uint64_t last_number_ = 0;
};

/// Whether URIs of that scheme are fetched.
bool is_remote(std::string_view scheme) noexcept;

/// @param http null: libcurl
dependencies_self::behavior_type
dependencies(dependencies_self::stateful_pointer<dependencies_state> self,
             dependency_settings settings,
             std::shared_ptr<launch::launcher> launcher,
             std::shared_ptr<transfers> http);

} // namespace hearth
