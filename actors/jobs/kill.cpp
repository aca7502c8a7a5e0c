// The kill ladder of a job: its agent is asked to cancel and interrupt it, then
// its context's process is ended. It is KILLED once its end was observed: by
// its agent's word, or because the process is gone.

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/jobs/job.hpp"
#include "base/clock.hpp"

namespace hearth {

caf::result<job_record> job_actor_state::kill(bool force) {
  if (machine.over() && machine.state() != job_state::error)
    return make_error(ec::job_not_running,
                      "No running job with ID " + record.id);
  auto promise = self->make_response_promise<job_record>();
  killers.push_back(promise);
  if (machine.over())
    return promise; // it failed: answered with its record, once that is stored
  auto first = machine.kill();
  if (machine.over()) {
    end();
    return promise;
  }
  if (first)
    kill_agent_side();
  if (force)
    escalate();
  return promise;
}

void job_actor_state::kill_agent_side() {
  note("asked its agent to cancel and interrupt it");
  send(protocol::kill_job_frame(record.id));
  self->delayed_send(self, spec.kill_timeout, atom::expire_v, atom::kill_v);
}

void job_actor_state::expire_kill() {
  if (machine.over())
    return;
  if (spec.escalation == conf::kill_escalation::process) {
    escalate();
    return;
  }
  for (auto& promise : killers)
    promise.deliver(make_error(
      ec::deadline,
      problem{"job " + record.id + " was asked to stop, but still runs after "
                + std::to_string(spec.kill_timeout.count())
                + " ms; DELETE it with force=true to end its context's process",
              {},
              {},
              record.id}));
  killers.clear();
}

void job_actor_state::escalate() {
  note("ended the process of context " + record.context_name);
  self->send(spec.context, atom::kill_v,
             problem{"its process was ended because job " + record.id
                       + " did not end when it was killed",
                     {},
                     {},
                     {}});
}

void job_actor_state::note(const std::string& step) {
  auto first = kill_steps.empty();
  spdlog::info("job {}: kill: {}", record.id, step);
  // The history hangs on the record.
  insert(durability::lazy);
  add_to_history(machine.state(), "kill: " + step);
  kill_steps += "\n\tafter " + std::to_string(first ? 0 : now_ms() - killed_at)
                + " ms: " + step;
  if (first)
    killed_at = now_ms();
}

void job_actor_state::abort(problem reason, bool gone) {
  // The agent has said how the job ended, and all of its result is here and
  // about to be stored. Only a failure to store it may still change the end.
  if (complete)
    return;
  if (machine.aborted(std::move(reason), gone))
    end();
}

void job_actor_state::add_to_history(job_state state, std::string text) {
  ++notes;
  self->send(spec.services->store, atom::put_v,
             job_note{record.id, now_ms(), state, std::move(text)});
}

problem job_actor_state::end_reason() const {
  auto result = machine.reason();
  if (record.state == job_state::killed)
    result.stack += kill_steps;
  return result;
}

} // namespace hearth
