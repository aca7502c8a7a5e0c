/// The actor that fetches jars from other servers: the file of a `http:`,
/// `https:` or `ftp:` URL, or an artifact `maven:group:artifact:version` with
/// everything that it needs. The actor `binaries` asks it.
///
/// A few fetches run at once, and fewer from one host (for Maven, of one
/// group), so that a slow host delays only its own files. Requests for the same
/// URI share a fetch. A fetch never takes longer than its limit, counted from
/// the request.
///
/// Fetched files stay in a folder until that is full. For a URL, its server is
/// asked each time whether the file has changed; a released Maven artifact is
/// never fetched again.
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
  /// Variables that Maven gets in addition to the usual ones of the server's
  /// environment.
  std::vector<std::string> environment = {};
  std::size_t at_once = 8;         ///< how many fetches run at once
  std::size_t at_once_of_host = 2; ///< how many of them from one host
};

/// The file that was fetched from a URL.
struct fetched_url {
  remote_state state;
  protocol::binary_ref ref;
};

/// One fetch, which all requests for its URI share while it goes on.
struct open_fetch {
  using promise = caf::typed_response_promise<resolved_binaries>;

  std::uint64_t number = 0; ///< distinguishes it from later ones of its URI
  std::string host;
  std::chrono::steady_clock::time_point asked;
  bool running = false; ///< if false, it waits for its turn
  std::vector<promise> askers;
  std::vector<std::string> in_use; ///< files that must not be removed for it
  std::string scratch;             ///< the file for the download of a URL
  process_id maven;                ///< the Maven process while it runs
  bool timed_out = false;
};

struct dependencies_state {
  static inline const char* name = "dependencies";

  explicit dependencies_state(dependencies_self::pointer self) : self(self) {
    // nop
  }

  /// Ends the Maven processes that still run, and answers all requests that
  /// wait.
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
  /// Returns the folder of an artifact, which also has Maven's output.
  std::filesystem::path folder_of(const maven_coordinate& x) const;

  /// Whether an artifact was fetched already and cannot have changed since.
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

/// Whether this actor fetches URIs of that scheme.
bool is_remote(std::string_view scheme) noexcept;

/// @param http runs the transfers; null: libcurl
dependencies_self::behavior_type
dependencies(dependencies_self::stateful_pointer<dependencies_state> self,
             dependency_settings settings,
             std::shared_ptr<launch::launcher> launcher,
             std::shared_ptr<transfers> http);

} // namespace hearth
