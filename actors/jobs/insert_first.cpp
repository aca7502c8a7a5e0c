// Stores a job before it is sent. So a job that cannot be stored never runs,
// and everything that a 202 promises is on the disk.

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/jobs/job.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};

} // namespace

/// @param entry everything that is needed to run the job later; nothing for a
/// job that its client may have to send again to the next server
void job_actor_state::insert_first(std::optional<queue_entry> entry,
                                   std::function<void()> then) {
  sent_to_store = true;
  auto done = [this, then](atom::ok) {
    stored = true;
    then();
  };
  auto failed = [this](caf::error& e) { insert_failed(e); };
  auto& store = spec.services->store;
  if (!entry) {
    self
      ->request(store, store_deadline, atom::insert_v, record,
                durability::flushed)
      .then(done, failed);
    return;
  }
  entry->job = record.id;
  entry->request = run_frame().header;
  self
    ->request(store, store_deadline, atom::insert_v, record, std::move(*entry))
    .then(done, failed);
}

void job_actor_state::insert_then_run(protocol::frame run) {
  auto frame = std::make_shared<protocol::frame>(std::move(run));
  auto then = [this, frame] {
    if (machine.sent())
      send_run(std::move(*frame));
  };
  if (spec.request.key.empty())
    return insert_first(std::nullopt, then);
  // A key must never stand for a job that ran and left no record. A server that
  // is killed before it is sent leaves it to the next one.
  queue_entry entry;
  entry.context_id = record.context_id;
  entry.callback_url = spec.request.callback_url;
  entry.sent = true;
  insert_first(std::move(entry), then);
}

/// Whether it may not run yet, because its record is not on the disk.
bool job_actor_state::waits_for_insert() const {
  return sent_to_store && !stored
         && machine.now() == job_machine::phase::resolving;
}

void job_actor_state::insert_failed(caf::error& why) {
  if (!waits_for_insert())
    return; // it is over, and its end stores all of it
  // The store may still get to an insert that it did not answer.
  if (code_of(why) == ec::deadline)
    return give_up_insert();
  sent_to_store = false;
  if (code_of(why) == ec::outcome_unknown && would_run_later())
    return doubt_insert();
  if (would_run_later())
    self->send(spec.services->store, atom::dequeue_v, record.id);
  // A failed commit may have reached the disk all the same.
  self->anon_send(
    spec.services->store, atom::update_v,
    job_update{
      record.id, job_state::error, now_ms(), problem_of(why), {}, 0, 0},
    durability::lazy);
  reject(std::move(why));
}

/// Whether the next server would run the job if this one ends now and has left
/// the job's record. Any other job that never reached its process ends as one
/// that will not run.
bool job_actor_state::would_run_later() const {
  return spec.queued || !spec.request.key.empty();
}

/// The job does not run, but its client is told so only when that is on the
/// disk: the record may be there already, and the next server would run it.
void job_actor_state::doubt_insert() {
  in_doubt = true;
  refuse_insert({"the database was lost while it stored the job: it was not "
                 "started and will not run",
                 {},
                 {},
                 record.id});
}

/// The client learns that the job does not run, so it must never run. Its
/// record may be on its way to the disk; it then gets an end, however long that
/// takes.
void job_actor_state::give_up_insert() {
  in_doubt = would_run_later();
  if (in_doubt)
    answer_doubt();
  refuse_insert({"the job could not be stored in time: it was not started and "
                 "will not run",
                 {},
                 {},
                 record.id});
}

void job_actor_state::refuse_insert(problem why) {
  if (!machine.refused(why))
    return;
  refused = true;
  refusal = ec::store_failed;
  if (client.pending() && !in_doubt)
    client.deliver(make_error(refusal, std::move(why)));
  end();
}

/// The client has waited for long enough, and what it asks nobody knows.
void job_actor_state::answer_doubt() {
  client.deliver(make_error(
    ec::deadline,
    problem{"job " + record.id
              + " could not be stored in time: it was not started, and will "
                "not run unless the server ends before the database has that "
                "on record",
            {},
            {},
            record.id}));
}

} // namespace hearth
