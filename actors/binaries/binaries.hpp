/// The actor that owns the registry of binaries. It handles uploads and
/// deletions, resolves binaries that are not in the registry, and removes
/// content that nothing needs any more. Its detached children wait for the
/// disk.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "actors/binaries/registry.hpp"
#include "actors/binaries/turns.hpp"

namespace hearth {

/// A job, or a context with all its jobs, for which this actor resolved
/// binaries. A job that took its binaries from the registry is known only
/// there.
struct binary_user {
  binary_lease lease;                       ///< of a job
  std::vector<binary_version_ptr> versions; ///< of a context
  std::vector<std::string> fetched; ///< paths of files that were fetched for it
};

/// A class path that is being resolved, because another actor has to look at a
/// part of it or to fetch it.
struct resolution {
  resolve_request request;
  std::vector<std::vector<protocol::binary_ref>> parts; ///< one for each name
  std::size_t open = 0; ///< parts that are still to come
  bool failed = false;
  caf::typed_response_promise<resolved_binaries> promise;

  resolved_binaries joined() const;
};

using resolution_ptr = std::shared_ptr<resolution>;

struct binaries_state {
  static inline const char* name = "binaries";

  explicit binaries_state(binaries_self::pointer self) : self(self) {
    // nop
  }

  caf::result<binary_record> put(const binary_upload& upload);
  caf::result<binary_record> get(const std::string& name) const;
  caf::result<atom::ok> erase(const std::string& name);

  /// Takes binaries into use (resolve.cpp).
  caf::result<resolved_binaries> resolve(const resolve_request& request);

  /// Gives back the binaries of that job or context.
  void release(const std::string& user);

  /// Asks the store about uploads that it may have stored when it was lost.
  void look();

  // -- fixed --
  binaries_self::pointer self;
  std::shared_ptr<binary_registry> registry;
  store_actor store;
  dependencies_actor dependencies;
  content_actor content;
  local_files_actor local_files;
  std::size_t most = 0; ///< limit for the number of names
  millis since = 0;

private:
  using put_promise = caf::typed_response_promise<binary_record>;
  using erase_promise = caf::typed_response_promise<atom::ok>;

  void store_upload(const binary_record& record, put_promise promise);
  void doubt(const binary_record& record);
  void look_for(const binary_record& record);
  void erase_now(const std::string& name, erase_promise promise);

  resolved_binaries take_again(const resolve_request& request);
  bool take(const binary_version_ptr& version, const resolve_request& request,
            binary_user& user);
  void look_at(const resolution_ptr& all, std::size_t part,
               const std::string& path);
  void fetch(const resolution_ptr& all, std::size_t part);
  void resolved(const resolution_ptr& all, std::size_t part,
                std::vector<protocol::binary_ref> refs);
  void failed(const resolution_ptr& all, caf::error why);
  void enter(const std::string& id, binary_user user);

  /// Returns the paths of the fetched files that are in use.
  std::vector<std::string> fetched_in_use() const;

  /// Forgets versions that were replaced and are not in use, and removes
  /// content that belongs to no version any more.
  void remove_unused();

  // -- changes --
  std::map<std::string, binary_user> users; ///< by the id of job or context
  turns changes;                            ///< of names, one after the other
  std::size_t uploads = 0;                  ///< how many are under way
  std::vector<binary_record> unused;        ///< content to be removed
  std::vector<binary_record> doubtful;      ///< that the store may have
  std::size_t doubts = 0; ///< the same, and those that are being looked for
};

/// @param registry holds every version that is in the store; from now on only
///        this actor changes it
/// @param dependencies fetches files from other servers
/// @param most how many names there may be
binaries_self::behavior_type
binaries(binaries_self::stateful_pointer<binaries_state> self,
         std::shared_ptr<binary_registry> registry, store_actor store,
         dependencies_actor dependencies, std::size_t most);

} // namespace hearth
