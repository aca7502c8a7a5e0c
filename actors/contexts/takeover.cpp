// A context whose process an earlier server started.

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/contexts/context.hpp"
#include "actors/jobs/job.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

bool holds(const std::vector<std::string>& all, const std::string& x) {
  return std::find(all.begin(), all.end(), x) != all.end();
}

} // namespace

void context_actor_state::recover() {
  seen_state = spec.record.state;
  seen_reason = spec.record.reason.message;
  adopt_queued();
  orphans = std::move(spec.leftover.jobs);
  token = spec.leftover.token;
  if (token.empty()) {
    act(machine.resume(spec.record.reason));
    return;
  }
  machine.recovering();
  observe();
  process_known = true;
  auto on_exit = [me = caf::actor_cast<context_actor>(self)](
                   const launch::process_exit& how) {
    caf::anon_send(me, process_ended{how});
  };
  auto lives = false;
  try {
    lives = spec.services->launcher->watch(spec.record.process, on_exit);
  } catch (const launch::launch_error& e) {
    spdlog::error("context {}: {}", spec.record.name, e.what());
  }
  if (!lives)
    // It ended since it was looked at; how, nobody can know.
    self->send(self, process_ended{{spec.record.process, false, 0, 0}});
  self->delayed_send(self, spec.policy.recovery_timeout, atom::expire_v,
                     atom::redial_v, ++redial_generation);
  self->delayed_send(self, spec.policy.init_timeout, atom::expire_v,
                     atom::init_v, ++start_generation);
}

void context_actor_state::claim_orphans(const protocol::hello& known) {
  auto lost = std::move(orphans);
  orphans.clear();
  for (auto& x : lost) {
    auto child = adopt(x);
    auto ended = holds(known.ended, x.id);
    if (ended || holds(known.running, x.id))
      spdlog::info("job {}: found again, it {}", x.id,
                   ended ? "ended meanwhile" : "runs");
    else
      // Its agent forgets a job only once its end is stored, so this one never
      // came to it. Whether to send it now is its client's to decide.
      self->send(child, atom::abort_v,
                 problem{"the server was killed before the job reached its "
                         "context; it never ran",
                         "hearth.JobNeverRan",
                         {},
                         {}},
                 false);
  }
  claim_queued(known);
  for (auto& id : known.running)
    if (jobs.count(id) == 0) {
      // A sync job whose client went with its server: nobody knows of it.
      spdlog::warn("context {}: ends job {}, which no client knows of",
                   spec.record.name, id);
      link->send(protocol::kill_job_frame(id));
    }
  orphans_claimed();
}

bool context_actor_state::is_orphan(const std::string& job) const {
  return std::any_of(orphans.begin(), orphans.end(),
                     [&](auto& x) { return x.id == job; });
}

void context_actor_state::orphans_claimed() {
  for (auto& request : std::exchange(for_orphans, {}))
    request();
}

/// Those that were sent just before the last server died.
void context_actor_state::claim_queued(const protocol::hello& known) {
  for (auto& [id, child] : jobs) {
    if (!child.place)
      continue;
    if (holds(known.running, id) || holds(known.ended, id))
      give_slot(child);
    child.maybe_there = false;
  }
}

job_actor context_actor_state::adopt(const job_record& x) {
  auto j = spec_of(x.id);
  j->leftover = std::make_shared<const job_record>(x);
  return spawn_child(std::move(j));
}

} // namespace hearth
