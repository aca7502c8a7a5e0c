/// Which content each name of a binary stands for, as an immutable snapshot
/// that any thread reads without a lock, and how many jobs use each version.
///
/// The actor `binaries` owns the registry and publishes a new snapshot for each
/// upload and deletion. A sync job takes the binaries that lie here and leaves
/// them again from its own thread: two messages to an actor are a tenth of what
/// a small job costs the server. Everything else (what has to be fetched, what
/// a newer version replaced) goes through the actor.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/published.hpp"
#include "runtime/protocol/messages.hpp"
#include "store/files/content_files.hpp"

namespace hearth {

/// One version of a binary and the jobs that use it.
///
/// The number of jobs is also what closes a version: only a version without
/// jobs can be closed, and a closed one takes no job, so a version that is
/// removed is used by nobody.
///
///   open ──close, if no job uses it──> closed ──> removed
///     ^────────────reopen────────────────┘
class binary_version {
public:
  struct user;

  binary_version(binary_record record, protocol::binary_ref ref);
  binary_version(const binary_version&) = delete;
  binary_version& operator=(const binary_version&) = delete;
  ~binary_version();

  const binary_record record;
  const protocol::binary_ref ref;

  /// Adds a job. For any thread. @returns null if the version is closed
  user* enter(const std::string& job);

  /// Removes it; `job` may be freed at once. For any thread.
  /// @returns whether the owner has to look at this version
  bool leave(user* job);

  // -- for the owner of the registry alone --

  /// @returns false if a job uses it, or it is closed already
  bool close();

  bool is_closed() const;

  /// Whether a job uses it.
  bool in_use() const;

  void reopen();

  /// From now on `leave` says that the owner has to look.
  void replace();

  /// Ids of the jobs that use it. Frees what those that left leave behind.
  std::vector<std::string> jobs();

  std::size_t contexts = 0; ///< that use it
  bool from_store = false;  ///< was replaced before this server started, and
                            ///< a job of that time may come back for it

private:
  void link(user* first, user* last);

  std::atomic<std::int64_t> job_count_{0}; ///< or `closed`
  std::atomic<bool> replaced_{false};
  std::atomic<std::uint32_t> entered_{0};
  std::atomic<user*> users_{nullptr}; ///< newest first; some may have left
};

using binary_version_ptr = std::shared_ptr<binary_version>;

/// Versions in use by a job, which are left when this ends. For one thread at a
/// time.
class binary_lease {
public:
  binary_lease() = default;
  binary_lease(binary_lease&&) = default;
  binary_lease& operator=(binary_lease&& other) noexcept;
  ~binary_lease();

  /// Takes that version into use. @returns false if it is closed
  bool add(binary_version_ptr version, const std::string& job);

  /// Leaves all versions.
  /// @returns whether the actor `binaries` has to be told, for it may have to
  ///          remove one of them
  bool release();

private:
  struct use {
    binary_version_ptr version;
    binary_version::user* user;
  };

  std::vector<use> uses_;
};

/// What a job took: where it lies, and the lease that keeps it there.
struct taken_binaries {
  std::vector<protocol::binary_ref> refs;
  binary_lease lease;
};

class binary_registry {
public:
  /// @param files where the content lies; the actor's child alone writes
  explicit binary_registry(std::shared_ptr<content_files> files);

  // -- for any thread --

  /// Takes the newest version of each name into use, or nothing.
  /// @returns nothing if not all of them are here: ask the actor
  std::optional<taken_binaries> try_take(const std::string& job,
                                         const std::vector<std::string>& names);

  /// The newest version of that name, or null.
  binary_version_ptr newest(const std::string& name) const;

  /// The newest version of each name, by name.
  std::vector<binary_record> list() const;

  /// How many names there are.
  std::size_t size() const;

  // -- for the owner alone --

  /// Adds versions, of each name the oldest first.
  void load(std::vector<binary_record> records);

  /// Adds a version, which replaces the newest of its name.
  void add(binary_record record);

  /// Makes every version of that name unusable, so that it can be removed.
  /// The name has to be there, and not be closed. @returns the ids of the jobs
  /// that use one; unless there are none, nothing is closed
  std::vector<std::string> close(const std::string& name);

  /// Makes the newest version usable again: it could not be removed.
  void reopen(const std::string& name);

  /// Forgets a name that was closed.
  void remove(const std::string& name);

  /// That version of a binary, which may have been replaced, or null.
  binary_version_ptr find(const std::string& name, const std::string& digest);

  /// Forgets the replaced versions that nobody uses.
  /// @returns their content, which may be that of other versions, too
  std::vector<binary_record> prune();

  /// Whether a version has that content.
  bool has_content(const std::string& digest) const;

  const std::shared_ptr<content_files>& files() const noexcept {
    return files_;
  }

private:
  /// The newest versions, by name.
  using snapshot = std::vector<binary_version_ptr>;

  binary_version_ptr version_of(binary_record record) const;
  void put_newest(snapshot& versions, binary_version_ptr version);

  const std::shared_ptr<content_files> files_;
  published<snapshot> newest_;
  std::vector<binary_version_ptr> replaced_; ///< the owner's; also removed ones
};

} // namespace hearth
