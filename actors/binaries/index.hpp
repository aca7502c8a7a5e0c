/// What `binaries` knows, and the jobs that take and leave binaries themselves.
///
/// Two messages to an actor are a tenth of what a small job costs its server.
/// So a job looks up what lies here already, and what it used is free once it
/// says so, without asking; all else (what has to be fetched, what a newer
/// version replaced) stays with the actor.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/api/messages.hpp"
#include "store/files/content_files.hpp"

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

/// Which content each name stands for, and who uses it.
struct binary_index {
  /// Oldest first; of those that were replaced only what is in use.
  std::map<std::string, std::vector<binary_record>> versions;
  std::map<std::string, binary_user> users; ///< by the id of job or context

  /// Null if there is none of that name.
  const binary_record* newest(const std::string& name) const;

  /// Ids of the jobs that use any version of a binary.
  std::vector<std::string> jobs_with(const std::string& name) const;

  /// Whether a job or a context uses that content.
  bool held(const std::string& digest) const;

  /// Paths of what was fetched from elsewhere and is in use.
  std::vector<std::string> fetched() const;

  /// Whether a version of any binary has that content.
  bool known(const std::string& digest) const;
};

/// Thread-safe.
class binary_registry {
public:
  /// @param files where the content lies; the actor's child alone writes
  explicit binary_registry(std::shared_ptr<content_files> files);

  /// Takes the newest versions into use, or nothing.
  /// @returns nothing if not all are here: the actor is to be asked
  std::optional<resolved_binaries>
  try_take(const std::string& user, const std::vector<std::string>& names);

  /// Lets go of all that is in use by `user`, or of nothing.
  /// @returns false: the actor is to be told, for it may have to remove some of
  ///          it, or has not resolved it yet
  bool try_release(const std::string& user);

  /// What that version is for an agent.
  protocol::binary_ref ref_of(const binary_record& x) const;

  /// For the actor.
  template <class F>
  auto use(F f) {
    std::lock_guard guard{mutex_};
    return f(index_);
  }

  const std::shared_ptr<content_files>& files() const noexcept {
    return files_;
  }

private:
  const std::shared_ptr<content_files> files_;
  std::mutex mutex_; ///< never held for long
  binary_index index_;
};

} // namespace hearth
