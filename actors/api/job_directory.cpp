#include "actors/api/job_directory.hpp"

#include <utility>

namespace hearth {

job_actor job_directory::find(const std::string& job) const {
  std::lock_guard guard{mutex_};
  auto i = entries_.find(job);
  return i == entries_.end() ? job_actor{} : i->second.actor;
}

std::vector<job_actor>
job_directory::jobs_of(const std::string& context_id) const {
  std::vector<job_actor> result;
  std::lock_guard guard{mutex_};
  for (const auto& [id, entry] : entries_)
    if (entry.context_id == context_id)
      result.push_back(entry.actor);
  return result;
}

void job_directory::put(const std::string& job, const std::string& context_id,
                        job_actor actor) {
  std::lock_guard guard{mutex_};
  entries_.insert_or_assign(job, entry{std::move(actor), context_id});
}

void job_directory::erase(const std::string& job, caf::actor_id actor) {
  job_actor gone; // released after the lock: it may be the last handle
  std::lock_guard guard{mutex_};
  auto i = entries_.find(job);
  if (i == entries_.end() || i->second.actor.id() != actor)
    return;
  gone = std::move(i->second.actor);
  entries_.erase(i);
}

std::size_t job_directory::size() const {
  std::lock_guard guard{mutex_};
  return entries_.size();
}

} // namespace hearth
