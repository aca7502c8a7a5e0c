// The queue of a context: jobs that found no slot and wait for one. Each has
// its actor already, which answers for it (actors/jobs/wait_for_slot.cpp).

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/contexts/context.hpp"
#include "actors/jobs/job.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace hearth {

namespace {

using phase = context_machine::phase;

} // namespace

bool context_actor_state::wants_queue(const job_request& x) const {
  return x.queue == queueing::yes
         || (x.queue == queueing::as_context && spec.policy.queue);
}

caf::result<job_record> context_actor_state::enqueue(job_request& x) {
  if (waiting_for_slot.size()
      >= static_cast<std::size_t>(spec.policy.max_queue))
    return make_error(ec::no_slots,
                      no_slot_text(spec.record.name, spec.slots->taken())
                        + ", and " + std::to_string(waiting_for_slot.size())
                        + " wait for a slot (setting max-queue)");
  auto wait = x.max_wait_ms >= 0 ? x.max_wait_ms : spec.policy.max_wait.count();
  queue_entry entry;
  entry.context_id = spec.record.id;
  entry.priority = x.priority;
  entry.deadline = wait > 0 ? now_ms() + wait : 0;
  entry.callback_url = x.callback_url;
  auto j = spec_of(x.id.empty() ? make_uuid() : x.id);
  j->request = std::move(x);
  return self->delegate(spawn_queued(std::move(j), entry), atom::run_v);
}

job_actor context_actor_state::spawn_queued(std::shared_ptr<job_spec> x,
                                            const queue_entry& entry) {
  auto id = x->id;
  x->queued = std::make_shared<const queue_entry>(entry);
  auto& child = add_child(std::move(x));
  child.place = waiting_for_slot.add(entry.priority, std::move(id));
  child.maybe_there = entry.sent;
  return child.actor;
}

/// Those that waited when the last server ended, in the same order.
void context_actor_state::adopt_queued() {
  auto waiting = std::move(spec.leftover.queued);
  spec.leftover.queued.clear();
  for (auto& [record, entry] : waiting) {
    auto j = spec_of(record.id);
    j->leftover = std::make_shared<const job_record>(std::move(record));
    spawn_queued(std::move(j), entry);
  }
}

void context_actor_state::leave_queue(child_job& x) {
  if (x.place)
    waiting_for_slot.remove(*x.place);
  x.place.reset();
}

void context_actor_state::give_slot(child_job& x) {
  leave_queue(x);
  x.maybe_there = false;
  take_slot(x);
  self->send(x.actor, atom::has_slot_v);
}

void context_actor_state::next_in_queue() {
  while (!waiting_for_slot.empty() && link && machine.now() == phase::running
         && !too_old && !is_full())
    give_slot(jobs.at(waiting_for_slot.next()));
}

} // namespace hearth
