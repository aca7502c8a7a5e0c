// Jobs whose actors died, because of a bug in the server or because somebody
// ended them. Nothing of such a job is left behind, and its end is stored.

#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/contexts/context.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::seconds store_pause{1};

problem lost_job(const std::string& id) {
  auto what = "the server failed while it managed job " + id
              + ", so nobody knows how it ended; its log says more";
  auto error_class = std::string{"hearth.JobLost"};
  return {what, error_class, error_class + ": " + what, {}};
}

} // namespace

void context_actor_state::job_down(const caf::down_msg& down) {
  if (!down.reason)
    return; // it said by job_done that it had ended
  auto i = std::find_if(jobs.begin(), jobs.end(), [&](auto& entry) {
    return entry.second.actor.address() == down.source;
  });
  if (i == jobs.end())
    return;
  auto id = i->first;
  auto child = std::move(i->second);
  leave_queue(child);
  jobs.erase(i);
  bury(id, child, down.reason);
  after_job(id, child.had_slot, true);
}

void context_actor_state::bury(const std::string& id, const child_job& job,
                               const caf::error& reason) {
  spdlog::error("job {}: its actor died: {}", id, caf::to_string(reason));
  auto& parts = *spec.services;
  job.slot->release();
  if (link)
    link->send(protocol::kill_job_frame(id));
  self->send(parts.binaries, atom::release_v, id);
  self->send(parts.progress, atom::erase_v, id);
  self->send(parts.results, atom::erase_v, id);
  self->send(parts.store, atom::dequeue_v, id);
  job_record record;
  record.id = id;
  record.context_id = spec.record.id;
  record.context_name = spec.record.name;
  record.main_class = job.main_class;
  record.start_time = job.start_time;
  record.state = job_state::error;
  record.end_time = now_ms();
  record.reason = lost_job(id);
  dead_jobs.emplace(id, std::move(record));
  store_dead_job(id);
}

void context_actor_state::store_dead_job(const std::string& id) {
  auto i = dead_jobs.find(id);
  if (i == dead_jobs.end())
    return;
  self
    ->request(spec.services->store, store_deadline, atom::insert_v, i->second,
              durability::flushed)
    .then(
      [this, id](atom::ok) {
        dead_jobs.erase(id);
        self->send(spec.services->callbacks, atom::end_stored_v, id);
        finish_if_empty();
      },
      [this, id](caf::error& e) {
        spdlog::error("job {}: its end is not stored yet: {}", id,
                      problem_of(e).message);
        self->delayed_send(self, store_pause, atom::retry_end_v, id);
      });
}

} // namespace hearth
