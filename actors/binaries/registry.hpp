/// Knows which content each binary's name stands for, and which jobs use each
/// version. It is an immutable snapshot that any thread reads without a lock.
///
/// The actor `binaries` owns the registry and publishes a new snapshot for each
/// upload and deletion. A sync job takes binaries of the registry into use, and
/// gives them back, on its own thread, because two messages to an actor are a
/// tenth of the cost of a small job. For everything else, such as files that
/// have to be fetched and versions that were replaced, jobs ask the actor.
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
/// A version can be closed only while no job uses it, and a closed version
/// accepts no job. Only closed versions are removed, so a version that is in
/// use never is.
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

  /// Adds a job. Any thread may call it.
  /// @returns null if the version is closed
  user* enter(const std::string& job);

  /// Removes a job. Any thread may call it. `job` must not be used afterwards.
  /// @returns whether the owner has to look at this version
  bool leave(user* job);

  // -- only for the owner of the registry --

  /// Closes the version.
  /// @returns false if a job uses it, or it is closed already
  bool close();

  bool is_closed() const;

  /// Whether a job uses it.
  bool in_use() const;

  void reopen();

  /// Notes that a newer version exists. From now on `leave` returns true when
  /// the owner has to look at this version.
  void replace();

  /// Returns the ids of the jobs that use it, and frees the memory of those
  /// that have left.
  std::vector<std::string> jobs();

  std::size_t contexts = 0; ///< how many contexts use it
  /// It was replaced before this server started, and a job of an earlier server
  /// may still need it.
  bool from_store = false;

private:
  void link(user* first, user* last);

  std::atomic<std::int64_t> job_count_{0}; ///< or the constant `closed`
  std::atomic<bool> replaced_{false};
  std::atomic<std::uint32_t> entered_{0};
  std::atomic<user*> users_{nullptr}; ///< newest first; some may have left
};

using binary_version_ptr = std::shared_ptr<binary_version>;

/// The versions that one job uses. The destructor gives them back. For one
/// thread at a time.
class binary_lease {
public:
  binary_lease() = default;
  binary_lease(binary_lease&&) = default;
  binary_lease& operator=(binary_lease&& other) noexcept;
  ~binary_lease();

  /// Takes a version into use.
  /// @returns false if it is closed
  bool add(binary_version_ptr version, const std::string& job);

  /// Gives all versions back.
  /// @returns true if one of them may have to be removed now, which the caller
  ///          has to tell the actor `binaries`
  bool release();

private:
  struct use {
    binary_version_ptr version;
    binary_version::user* user;
  };

  std::vector<use> uses_;
};

/// The binaries that a job took into use, and the lease that keeps them.
struct taken_binaries {
  std::vector<protocol::binary_ref> refs;
  binary_lease lease;
};

class binary_registry {
public:
  /// @param files the files of the content, which only the child `content` of
  ///        the actor writes
  explicit binary_registry(std::shared_ptr<content_files> files);

  // -- for any thread --

  /// Takes the newest version of each name into use.
  /// @returns nothing if a name is not in the registry; no version is taken
  ///          then, and the actor has to be asked
  std::optional<taken_binaries> try_take(const std::string& job,
                                         const std::vector<std::string>& names);

  /// Returns the newest version of that name, or null.
  binary_version_ptr newest(const std::string& name) const;

  /// Returns the newest version of each name, sorted by name.
  std::vector<std::shared_ptr<const binary_record>> list() const;

  /// Returns how many names there are.
  std::size_t size() const;

  // -- only for the owner --

  /// Adds versions, before there is an owner; those of one name have to come
  /// oldest first.
  void load(std::vector<binary_record> records);

  /// Adds a version, which replaces the newest one of its name.
  void add(binary_record record);

  /// Closes every version of a name, so that the name can be removed. The name
  /// has to exist and must not be closed.
  /// @returns the ids of the jobs that use one of the versions; if there are
  ///          any, nothing is closed
  std::vector<std::string> close(const std::string& name);

  /// Makes the newest version of a closed name usable again, because the name
  /// could not be removed.
  void reopen(const std::string& name);

  /// Forgets a name that was closed.
  void remove(const std::string& name);

  /// Returns that version of a binary, which may have been replaced, or null.
  binary_version_ptr find(const std::string& name, const std::string& digest);

  /// Forgets the replaced versions that are not in use.
  /// @returns their records; other versions may have the same content
  std::vector<binary_record> prune();

  /// Frees what the jobs that left a version leave behind in it. Versions that
  /// were replaced go as a whole.
  void free_what_left();

  /// Whether a version has that content. The same bytes as another type of
  /// binary are another file.
  bool has_content(binary_type type, const std::string& digest) const;

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
  /// Versions that were replaced or removed. Only the owner uses it.
  std::vector<binary_version_ptr> replaced_;
};

} // namespace hearth
