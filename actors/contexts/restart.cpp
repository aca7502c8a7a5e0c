// From one process of a context to the next, and the jobs that wait for it.

#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/contexts/context.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

using std::chrono::milliseconds;

using phase = context_machine::phase;

} // namespace

caf::result<context_record> context_actor_state::restart(bool wait) {
  auto& name = spec.record.name;
  switch (machine.now()) {
    case phase::starting:
    case phase::recovering:
      return make_error(ec::context_not_ready,
                        "context " + name + " is still starting");
    case phase::finished:
    case phase::error:
      return context_gone(name);
    default:
      break;
  }
  if (machine.now() != phase::running && !machine.coming_back())
    return make_error(ec::context_stopping, "Context stop in progress");
  refuse_arrivals = !wait;
  auto promise = self->make_response_promise<context_record>();
  starters.push_back(promise);
  if (machine.now() == phase::waiting) {
    act(machine.relaunch());
    return promise;
  }
  auto step = machine.restart({"a restart was asked for", {}, {}, {}});
  if (step != context_machine::action::none) {
    spdlog::info("context {}: restarts, as asked for", name);
    abort_jobs(false);
    put_record("its restart");
    act(step);
  }
  return promise;
}

/// The present process has done its duty.
void context_actor_state::recycle(problem reason) {
  spdlog::info("context {}: {}", spec.record.name, reason.message);
  auto again = spec.policy.restart == conf::restart_mode::always;
  auto step = again ? machine.restart(std::move(reason))
                    : machine.stop(false, std::move(reason));
  abort_jobs(false);
  put_record("the end of its process");
  act(step);
}

void context_actor_state::pause() {
  drop_process();
  spec.record.application_id.clear();
  spec.record.web_url.clear();
  spec.record.process = {};
  with_log([this] {
    abort_jobs(true);
    log_end.clear();
    if (machine.now() != phase::waiting)
      return; // somebody asked for something else meanwhile
    caf::anon_send(spec.services->drivers, atom::erase_v, spec.record.id);
    spdlog::info("context {}: starts again in {} ms: {}", spec.record.name,
                 machine.delay().count(), machine.reason().message);
    put_record("its restart");
    self->delayed_send(self, machine.delay(), atom::expire_v, atom::pause_v,
                       timers.pause.arm());
  });
}

void context_actor_state::expire_pause(std::uint64_t generation) {
  if (timers.pause.counts(generation))
    act(machine.relaunch());
}

caf::result<job_record> context_actor_state::hold(job_request& x) {
  auto& name = spec.record.name;
  if (refuse_arrivals)
    return make_error(ec::context_stopping,
                      "Context restart in progress: " + name
                        + " takes jobs again when it is RUNNING");
  if (machine.now() != phase::recovering
      && spec.policy.arrivals == conf::arrival_mode::refuse)
    return make_error(ec::context_not_ready,
                      "context " + name + " restarts and takes no jobs now");
  if (arrivals.size() >= static_cast<std::size_t>(spec.policy.restart_queue))
    return make_error(ec::context_not_ready, "context " + name
                                               + " restarts, and "
                                               + std::to_string(arrivals.size())
                                               + " jobs wait for it already");
  auto client = self->make_response_promise<job_record>();
  // A client that is not answered before its own deadline would learn only that
  // nobody knows what became of the job.
  auto patience
    = std::min(spec.policy.restart_wait,
               x.sync ? milliseconds{x.timeout_ms} : spec.policy.longest_wait);
  self->delayed_send(self, patience, atom::expire_v, atom::arrival_v,
                     arrivals.add({std::move(x), client, self->clock().now()}));
  return client;
}

void context_actor_state::expire_arrival(std::uint64_t number) {
  if (auto late = arrivals.take(number))
    late->client.deliver(make_error(
      ec::context_not_ready, "context " + spec.record.name
                               + " restarts and was not back in time; the job "
                                 "was not started"));
}

/// Called when the context is back. Gives its slots to the jobs that have
/// waited first.
void context_actor_state::let_in() {
  auto now = self->clock().now();
  for (auto& [request, client, since] : arrivals.take_all()) {
    if (machine.now() != phase::running || is_full()) {
      client.deliver(no_slot());
      continue;
    }
    auto waited = std::chrono::duration_cast<milliseconds>(now - since);
    self
      ->request(spawn_job(std::move(request), waited), caf::infinite,
                atom::run_v)
      .then([client
             = client](job_record& r) mutable { client.deliver(std::move(r)); },
            [client = client](caf::error& e) mutable {
              client.deliver(std::move(e));
            });
  }
  next_in_queue();
}

void context_actor_state::turn_away(const caf::error& reason) {
  for (auto& waiting : arrivals.take_all())
    waiting.client.deliver(reason);
}

} // namespace hearth
