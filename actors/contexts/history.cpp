// Records the steps of a context for its history, and checks that its process
// is in the expected condition.

#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/contexts/context.hpp"
#include "base/clock.hpp"

namespace hearth {

/// Looks whether the machine moved. The last state goes into the history with
/// the record.
void context_actor_state::observe() {
  show_slots();
  auto state = machine.state();
  auto& why = machine.reason().message;
  if (state == seen_state && why == seen_reason)
    return;
  auto now = now_ms();
  if (std::exchange(seen_state, state) != state)
    spec.record.since = now;
  seen_reason = why;
  ++spec.record.state_version;
  if (is_final(state))
    return;
  self->send(
    spec.services->store, atom::put_v,
    context_note{spec.record.id, spec.record.state_version, now, state, why});
  if (state == context_state::stopping
      && machine.now() == context_machine::phase::stopping)
    put_record("its stop");
}

void context_actor_state::note(std::string step) {
  if (machine.over())
    return;
  self->send(spec.services->store, atom::put_v,
             context_note{spec.record.id, ++spec.record.state_version, now_ms(),
                          machine.state(), std::move(step)});
}

std::string context_actor_state::trouble() const {
  if (process_stopped)
    return "its process was stopped by a signal (SIGSTOP); jobs wait until it "
           "goes on (SIGCONT)";
  if (!lost_reason.empty())
    return "its agent is silent or cannot be reached, jobs wait for it: "
           + lost_reason;
  return {};
}

void context_actor_state::look_at_process() {
  if (machine.over())
    return;
  self->delayed_send(self, spec.policy.reconcile, atom::look_v);
  if (std::exchange(record_is_late, false))
    put_record("its state");
  if (!process_known)
    return;
  using condition = launch::process_condition;
  auto is = spec.services->launcher->look(spec.record.process);
  auto stopped = is == condition::stopped;
  if (std::exchange(process_stopped, stopped) != stopped)
    note(stopped ? "its process was stopped by a signal"
                 : "its process goes on");
  // News of its end may be on its way: only the second look counts.
  if (!std::exchange(process_missed, is == condition::gone)
      || is != condition::gone)
    return;
  spdlog::warn("context {}: its process {} is gone, and nobody said so",
               spec.record.name, spec.record.process.pid);
  process_gone({spec.record.process, false, 0, 0});
}

} // namespace hearth
