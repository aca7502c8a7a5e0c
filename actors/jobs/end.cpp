// The end of a job: stores it, acknowledges it to the agent, and answers all
// requests that wait for it.

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/jobs/job.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::seconds store_pause{1};

/// Of a result: one that an agent should not keep for longer than it must.
constexpr std::size_t large = 64 * 1024;

job_update end_of(const job_record& x) {
  return {x.id,     x.state,       x.end_time, x.reason,
          x.result, x.result_size, x.run_time};
}

} // namespace

/// Tells the agent that it may forget the job. Nobody waits for that, so the
/// agent is woken for it only if it keeps a large result.
void job_actor_state::acknowledge() {
  if (!spec.link)
    return;
  auto x = protocol::job_stored_frame(record.id);
  if (in_file || record.result.size() > large)
    spec.link->send(std::move(x));
  else
    spec.link->send_along(std::move(x));
}

/// The one message by which its context hears of its end.
void job_actor_state::tell_context(bool failed) {
  self->send(spec.context, atom::job_done_v, record.id, failed);
}

void job_actor_state::leave() {
  // CAF keeps the deadlines of answered requests and, with them, the actor. The
  // client's time may be long, so all of these are cancelled here.
  self->home_system().clock().cancel_timeouts(self);
  self->quit();
}

void job_actor_state::end() {
  if (said_progress)
    self->send(spec.services->progress, atom::erase_v, record.id);
  if (would_run_later())
    self->send(spec.services->store, atom::dequeue_v, record.id);
  record.state = machine.state();
  record.end_time = now_ms();
  record.reason = end_reason();
  if (record.state != job_state::finished) {
    record.result.clear();
    record.result_size = 0;
    if (in_file)
      self->send(spec.services->results, atom::erase_v, record.id);
  }
  // Both before the answer: a client may use the slot, or delete the binary,
  // as soon as it has it.
  release_binaries();
  spec.slot->release();
  store_end();
}

void job_actor_state::end_stored() {
  end_is_stored = true;
  acknowledge();
  if (in_file)
    self->send(spec.services->results, atom::end_stored_v, record.id);
  tell_callback();
  tell_context(record.state == job_state::error && !refused);
  answer_end();
  leave();
}

/// The client of an async job waits neither for its end nor for a store that is
/// away. It learns that the job has started if that is so and is stored.
void job_actor_state::answer_unstored_end(caf::error why) {
  if (spec.request.sync || in_doubt || !client.pending())
    return;
  auto answer = report();
  answer.state = job_state::started;
  if (refused)
    client.deliver(make_error(refusal, record.reason));
  else if (stored)
    client.deliver(std::move(answer));
  else
    client.deliver(std::move(why));
}

// Of a sync job nothing was promised about the disk.
void job_actor_state::store_end() {
  auto how
    = spec.request.sync && !in_doubt ? durability::lazy : durability::flushed;
  auto stored_end = [this](atom::ok) { end_stored(); };
  auto failed = [this](caf::error& e) {
    spdlog::error("job {}: its end is not stored yet: {}", record.id,
                  problem_of(e).message);
    answer_unstored_end(std::move(e));
    sent_to_store = stored; // an insert that failed has to be made again
    self->delayed_send(self, store_pause, atom::retry_end_v);
  };
  // An insert that was not answered may have failed. An update would not tell:
  // the store answers it even if the job does not exist.
  if (!stored) {
    self
      ->request(spec.services->store, store_deadline, atom::insert_v, record,
                how)
      .then(stored_end, failed);
    return;
  }
  self
    ->request(spec.services->store, store_deadline, atom::update_v,
              end_of(record), how)
    .then(stored_end, failed);
}

void job_actor_state::tell_callback() {
  if (!spec.request.callback_url.empty())
    self->send(spec.services->callbacks, atom::end_stored_v, record.id);
}

void job_actor_state::answer_end() {
  for (auto& promise : killers)
    promise.deliver(record);
  killers.clear();
  for (auto& [number, promise] : watchers)
    promise.deliver(report());
  watchers.clear();
  if (!client.pending())
    return;
  if (refused)
    client.deliver(make_error(refusal, record.reason));
  else {
    // An async client learns that the job has started, however soon it ended.
    if (!spec.request.sync)
      record.state = job_state::started;
    client.deliver(std::move(record));
  }
}

} // namespace hearth
