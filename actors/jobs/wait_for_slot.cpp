// A job that waits for a slot. Its record, and everything that is needed to run
// it, is on the disk before its client gets the answer, so the job outlives the
// server. In the job's machine it is still `resolving`, because nothing was
// sent to an agent.

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/jobs/job.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::seconds store_pause{1};

} // namespace

bool job_actor_state::waits_for_slot() const {
  return spec.queued && machine.now() == job_machine::phase::resolving;
}

void job_actor_state::enqueue() {
  insert_first(*spec.queued, [this] { wait_for_slot(*spec.queued); });
}

void job_actor_state::wait_for_slot(const queue_entry& x) {
  if (machine.over())
    return;
  add_to_history(job_state::started,
                 "waits for a slot, priority " + std::to_string(x.priority));
  if (!spec.request.sync && client.pending()) {
    // The store knows its place in the queue.
    auto promise = client;
    client = {};
    self
      ->request(spec.services->store, store_deadline, atom::get_v,
                atom::by_id_v, record.id)
      .then([promise](job_record& r) mutable { promise.deliver(std::move(r)); },
            [promise, answer = record](caf::error&) mutable {
              promise.deliver(std::move(answer));
            });
  }
  wait_until(x.deadline);
  if (has_slot)
    take_slot();
}

void job_actor_state::resume_queued() {
  auto x = protocol::parse_run_job(
    {protocol::kind::run_job, spec.queued->request, {}});
  binaries = std::move(x.binaries);
  spec.request.user = std::move(x.user);
  spec.request.callback_url = spec.queued->callback_url;
  self
    ->request(spec.services->binaries, resolve_deadline, atom::resolve_v,
              resolve_request{record.id, {}, false, false, binaries})
    .then([](resolved_binaries&) {}, [](caf::error&) {});
  wait_until(spec.queued->deadline);
}

void job_actor_state::wait_until(millis deadline) {
  if (deadline > 0)
    self->delayed_send(
      self, std::chrono::milliseconds{std::max<millis>(deadline - now_ms(), 0)},
      atom::expire_v, atom::max_wait_v);
}

void job_actor_state::take_slot() {
  has_slot = true;
  if (machine.over())
    return spec.slot->release(); // its end may wait for the store for long
  if (!stored || !waits_for_slot())
    return;
  // An earlier server has sent it already, and its agent may be about to report
  // it.
  if (spec.queued->sent)
    return leave_queue();
  // The mark has to be stored first. Otherwise the next server, if it found the
  // process gone, would run a job again that may have run.
  job_update sent;
  sent.id = record.id;
  sent.state = job_state::started;
  self
    ->request(spec.services->store, store_deadline, atom::update_v, sent,
              durability::flushed)
    .then([this](atom::ok) { leave_queue(); },
          [this](caf::error& e) {
            spdlog::warn("job {}: has a slot, but that is not stored yet: {}",
                         record.id, problem_of(e).message);
            self->delayed_send(self, store_pause, atom::has_slot_v);
          });
}

void job_actor_state::leave_queue() {
  if (!machine.sent())
    return;
  add_to_history(job_state::started, "has a slot, sent to its context");
  send_run(run_frame());
}

void job_actor_state::expire_queued() {
  if (has_slot || !waits_for_slot())
    return;
  auto what = "Job " + record.id + " found no slot in context "
              + record.context_name + " within its max-wait";
  auto error_class = std::string{"hearth.QueueTimeout"};
  if (!machine.refused({what, error_class, error_class + ": " + what, {}}))
    return;
  refused = true;
  refusal = ec::no_slots;
  end();
}

} // namespace hearth
