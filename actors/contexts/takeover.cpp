// A context whose process an earlier server started.

#include <algorithm>
#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/contexts/context.hpp"
#include "actors/contexts/recovery_rules.hpp"
#include "actors/jobs/job.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

bool holds(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

found_job::report report_of(const protocol::hello& known,
                            const std::string& job) {
  return holds(known.running, job) || holds(known.ended, job)
           ? found_job::report::known
           : found_job::report::unknown;
}

} // namespace

void context_actor_state::recover() {
  self->delayed_send(self, spec.policy.reconcile, atom::look_v);
  seen_state = spec.record.state;
  seen_reason = spec.record.reason.message;
  adopt_queued();
  unclaimed.put(std::move(spec.leftover.jobs));
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
    // The process has ended since it was looked at. Nobody can know how.
    self->send(self, process_ended{{spec.record.process, false, 0, 0}});
  self->delayed_send(self, spec.policy.recovery_timeout, atom::expire_v,
                     atom::redial_v, timers.redial.arm());
  self->delayed_send(self, spec.policy.init_timeout, atom::expire_v,
                     atom::init_v, timers.init.arm());
}

void context_actor_state::claim_jobs(const protocol::hello& known) {
  for (auto& record : unclaimed.take()) {
    auto child = adopt(record);
    found_job found;
    found.state = record.state;
    found.agent = report_of(known, record.id);
    auto& rule = rule_for(found);
    // The agent forgets a job only once the job's end is stored. So a job that
    // it does not know has never reached it. Its client has to decide whether
    // to send it again.
    if (rule.fate == job_fate::fails)
      self->send(child, atom::abort_v,
                 problem{rule.why, "hearth.JobNeverRan", {}, {}}, false);
    else
      spdlog::info("job {}: found again", record.id);
  }
  claim_queued(known);
  for (auto& id : known.running)
    if (jobs.count(id) == 0) {
      // A sync job whose client lost its connection when the last server ended.
      // Nobody knows its id.
      spdlog::warn("context {}: ends job {}, which no client knows of",
                   spec.record.name, id);
      link->send(protocol::kill_job_frame(id));
    }
  unclaimed.claimed();
}

/// Those that were sent just before the last server died go on if they arrived.
/// The others wait for a slot, and are then sent.
void context_actor_state::claim_queued(const protocol::hello& known) {
  for (auto& [id, child] : jobs) {
    if (!child.place)
      continue;
    found_job found;
    found.entry = child.maybe_there ? found_job::entry_found::sent
                                    : found_job::entry_found::waiting;
    found.agent = report_of(known, id);
    if (rule_for(found).fate == job_fate::goes_on)
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
