/// Directory of live jobs: finds the actor of a job by the job's id.
///
/// With it, the thread that reads agents' connections sends frames straight to
/// their jobs, and a request to kill or to await a job needs neither the job's
/// context nor the database. For a job that is not listed here, the context or
/// the store has to be asked.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/api/interfaces.hpp"

namespace hearth {

/// A context lists a job when it spawns the job's actor. A job removes itself
/// when its actor ends, however it ends. Thread-safe.
class job_directory {
public:
  /// Returns the actor of that job, or a null handle. The actor may end at any
  /// moment, so a request to it may fail with `is_receiver_down`.
  job_actor find(const std::string& job) const;

  /// Returns the actors of all live jobs of a context.
  std::vector<job_actor> jobs_of(const std::string& context_id) const;

  /// Lists a job; a second actor of the same job replaces the first one.
  void put(const std::string& job, const std::string& context_id,
           job_actor actor);

  /// Removes a job, unless another actor is listed for it by now.
  void erase(const std::string& job, caf::actor_id actor);

  std::size_t size() const;

private:
  struct entry {
    job_actor actor;
    std::string context_id;
  };

  mutable std::mutex mutex_; ///< never held for long
  std::unordered_map<std::string, entry> entries_;
};

} // namespace hearth
