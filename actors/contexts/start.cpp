// The way in of a context: its process, its agent, its init job.

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/contexts/context.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::seconds launch_deadline{30};

using action = context_machine::action;
using phase = context_machine::phase;

} // namespace

caf::result<context_record> context_actor_state::start() {
  auto promise = self->make_response_promise<context_record>();
  starters.push_back(promise);
  spec.record.since = spec.record.start_time;
  spec.record.state_version = 1;
  self->delayed_send(self, spec.policy.reconcile, atom::look_v);
  // The record first: a process must never run that nothing knows of.
  self->request(spec.services->store, store_deadline, atom::put_v, snapshot())
    .then([this](atom::ok) { resolve_and_launch(); },
          [this](caf::error& e) {
            start_error = code_of(e);
            unknown_to_store = start_error == ec::storage_full;
            act(machine.not_started(problem_of(e), steady_now()));
          });
  return promise;
}

void context_actor_state::put_record(const char* what) {
  observe();
  self->request(spec.services->store, store_deadline, atom::put_v, snapshot())
    .then([](atom::ok) {},
          [this, what](caf::error& e) {
            record_is_late = true;
            spdlog::error("context {}: {} is not stored: {}", spec.record.name,
                          what, problem_of(e).message);
          });
}

void context_actor_state::resolve_and_launch() {
  self->delayed_send(self, spec.policy.init_timeout, atom::expire_v,
                     atom::init_v, timers.init.arm());
  self
    ->request(spec.services->binaries, resolve_deadline, atom::resolve_v,
              resolve_request{spec.record.id, spec.jars, false, true})
    .then([this](resolved_binaries& jars) { launch(jars); },
          [this](caf::error& e) {
            start_error = code_of(e);
            act(machine.not_started(problem_of(e), steady_now()));
          });
}

void context_actor_state::launch(resolved_binaries& jars) {
  if (machine.now() != phase::starting && machine.now() != phase::reviving) {
    // It was stopped before there was anything to stop.
    act(machine.not_started({}, steady_now()));
    return;
  }
  // A secret of this process's own: an earlier one's agent is turned away.
  token = make_token();
  launch_request x;
  x.context_id = spec.record.id;
  x.context_name = spec.record.name;
  x.token = token;
  x.settings = spec.settings;
  for (auto& jar : jars.refs)
    x.jars.push_back(jar.path);
  x.on_exit = [me = caf::actor_cast<context_actor>(self)](
                const launch::process_exit& how) {
    caf::anon_send(me, process_ended{how});
  };
  self->request(spec.services->drivers, launch_deadline, atom::start_v, x)
    .then(
      [this](process_id id) {
        if (machine.over() || machine.now() == phase::waiting)
          return;
        process_known = true;
        spec.record.process = id;
        spdlog::info("context {}: process {} started", spec.record.name,
                     id.pid);
        note("process " + std::to_string(id.pid) + " started");
        put_record("its process");
        // A stop may have been asked for before there was anything to stop.
        act(machine.hurry());
      },
      [this](caf::error& e) {
        start_error = code_of(e);
        act(machine.not_started(problem_of(e), steady_now()));
      });
}

void context_actor_state::prepare() {
  spdlog::info("context {}: runs its init job {}", spec.record.name,
               spec.policy.init_job->main_class);
  auto fail = [this](const problem& why) {
    begin_failure({"the init job " + spec.policy.init_job->main_class
                     + " failed: " + why.message,
                   why.error_class,
                   why.stack,
                   {}});
  };
  self
    ->request(spawn_job(job_request{*spec.policy.init_job}), caf::infinite,
              atom::run_v)
    .then(
      [this, fail](const job_record& job) {
        if (job.state == job_state::finished)
          act(machine.prepared(steady_now()));
        else
          fail(job.reason);
      },
      [fail](caf::error& e) { fail(problem_of(e)); });
}

void context_actor_state::open() {
  spdlog::info("context {}: ready, {}", spec.record.name,
               spec.record.application_id);
  timers.init.cancel();
  too_old = false;
  refuse_arrivals = false;
  if (spec.policy.max_lifetime.count() > 0)
    self->delayed_send(self, spec.policy.max_lifetime, atom::expire_v,
                       atom::lifetime_v, timers.lifetime.arm());
  watch_idle();
  auto opened = [this] {
    self->send(spec.services->drivers, atom::ready_v, spec.record.id);
    auto waiting = std::move(starters);
    starters.clear();
    for (auto& promise : waiting)
      promise.deliver(snapshot());
    let_in();
  };
  self->request(spec.services->store, store_deadline, atom::put_v, snapshot())
    .then([opened](atom::ok) { opened(); },
          [this, opened](caf::error& e) {
            if (!starters.empty())
              return begin_failure(problem_of(e));
            // No client waits for this promise. The jobs of the context matter
            // more than its record, which can be stored later.
            record_is_late = true;
            spdlog::error("context {}: that it is ready is not stored yet: {}",
                          spec.record.name, problem_of(e).message);
            opened();
          });
}

void context_actor_state::expire_init(std::uint64_t generation) {
  if (timers.init.counts(generation))
    begin_failure({"the context was not ready within "
                     + std::to_string(spec.policy.init_timeout.count())
                     + " ms (setting context-init-timeout)",
                   {},
                   {},
                   {}});
}

} // namespace hearth
