#include "actors/context.hpp"

#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/error.hpp"
#include "actors/identity.hpp"
#include "actors/job.hpp"
#include "actors/status.hpp"

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
  self->delayed_send(self, spec.policy.init_timeout, atom::expire_v,
                     atom::start_v);
  auto fail = [this](caf::error& e) {
    init_error = code_of(e);
    act(machine.not_started(problem_of(e)));
  };
  // The record first: a process must never run that nothing knows of.
  self->request(spec.store, store_deadline, atom::put_v, snapshot())
    .then(
      [this, fail](atom::ok) {
        self
          ->request(spec.binaries, resolve_deadline, atom::resolve_v,
                    resolve_request{spec.record.id, spec.jars, false, true})
          .then([this](resolved_binaries& jars) { launch(jars); }, fail);
      },
      fail);
  return promise;
}

void context_actor_state::launch(resolved_binaries& jars) {
  if (machine.over())
    return;
  launch_request x;
  x.context_id = spec.record.id;
  x.context_name = spec.record.name;
  x.token = spec.token;
  x.settings = spec.settings;
  for (auto& jar : jars.refs)
    x.jars.push_back(jar.path);
  x.on_exit = [me = caf::actor_cast<context_actor>(self)](
                const launch::process_exit& how) {
    caf::anon_send(me, process_ended{how});
  };
  self->request(spec.drivers, launch_deadline, atom::start_v, x)
    .then(
      [this](process_id id) {
        if (machine.over())
          return;
        process_known = true;
        spec.record.process = id;
        spdlog::info("context {}: process {} started", spec.record.name,
                     id.pid);
        self->request(spec.store, store_deadline, atom::put_v, snapshot())
          .then([](atom::ok) {},
                [this](caf::error& e) {
                  spdlog::error("context {}: its process is not stored: {}",
                                spec.record.name, problem_of(e).message);
                });
        // A stop may have been asked for before there was anything to stop.
        if (machine.now() == phase::stopping)
          act(action::kill);
      },
      [this](caf::error& e) {
        init_error = code_of(e);
        act(machine.not_started(problem_of(e)));
      });
}

context_record context_actor_state::snapshot() const {
  auto result = spec.record;
  result.state = machine.state();
  result.reason = machine.reason();
  return result;
}

caf::result<job_record> context_actor_state::run(job_request& x) {
  auto& name = spec.record.name;
  switch (machine.now()) {
    case phase::running:
      break;
    case phase::starting:
      return make_error(ec::context_not_ready,
                        "context " + name + " is still starting");
    case phase::stopping:
    case phase::failing:
      return make_error(ec::context_stopping, "Context stop in progress");
    default:
      return make_error(ec::context_not_found,
                        "context " + name + " not found");
  }
  if (slots_taken >= static_cast<std::size_t>(spec.policy.max_jobs))
    return make_error(ec::no_slots, "Too many running jobs ("
                                      + std::to_string(slots_taken)
                                      + ") for job context '" + name + "'");
  ++slots_taken;
  job_spec j;
  j.id = make_uuid();
  j.context_id = spec.record.id;
  j.context_name = name;
  j.request = std::move(x);
  j.max_result = spec.policy.max_result;
  j.kill_timeout = spec.policy.kill_timeout;
  j.link = link;
  j.context = self;
  j.binaries = spec.binaries;
  j.store = spec.store;
  j.results = spec.results;
  j.callbacks = spec.callbacks;
  j.progress = spec.progress;
  auto id = j.id;
  auto child = self->spawn<caf::monitored>(job, std::move(j));
  jobs.emplace(id, child_job{child});
  return self->delegate(child, atom::run_v);
}

caf::result<job_record> context_actor_state::kill(const std::string& id) {
  auto i = jobs.find(id);
  if (i == jobs.end())
    return make_error(ec::job_not_running, "No running job with ID " + id);
  return self->delegate(i->second.actor, atom::kill_v);
}

caf::result<atom::ok> context_actor_state::await(const std::string& id,
                                                 std::int64_t ms) {
  auto i = jobs.find(id);
  if (i == jobs.end())
    return make_error(ec::job_not_running, "No running job with ID " + id);
  return self->delegate(i->second.actor, atom::await_v, ms);
}

caf::result<context_record> context_actor_state::stop(bool force) {
  if (machine.over())
    return make_error(ec::context_not_found,
                      "context " + spec.record.name + " not found");
  auto promise = self->make_response_promise<context_record>();
  stoppers.push_back(promise);
  self->delayed_send(self, spec.policy.deletion_timeout, atom::expire_v,
                     atom::stop_v);
  abort_jobs();
  act(machine.stop(force));
  return promise;
}

void context_actor_state::attach(agent_hello& x) {
  if (!same_secret(x.hello.token, spec.token) || machine.over()
      || machine.now() == phase::failing) {
    x.link->reject("context " + spec.record.name
                   + " does not know this agent, or gave it up");
    return;
  }
  if (link)
    link->close();
  link = std::move(x.link);
  ++redial_generation;
  // Weak: a link outlives its context's actor for as long as it takes to
  // close, and must not keep it alive.
  auto me = caf::actor_cast<caf::weak_actor_ptr>(self);
  auto deliver = [me](auto message) {
    if (auto strong = me.lock())
      caf::anon_send(caf::actor_cast<context_actor>(strong),
                     std::move(message));
  };
  auto from = link.get();
  link->accept(
    [=](protocol::frame f) {
      deliver(agent_frame{from, std::move(f)});
    },
    [=](std::string reason) {
      deliver(agent_closed{from, std::move(reason)});
    });
  for (auto& [id, child] : jobs)
    self->send(child.actor, agent_hello{link, {}});
  if (machine.now() == phase::stopping)
    link->send(protocol::stop_frame(
      static_cast<std::uint64_t>(spec.policy.kill_timeout.count())));
}

void context_actor_state::handle(agent_frame& x) {
  if (x.link != link.get())
    return;
  switch (x.frame.kind) {
    case protocol::kind::context_ready: {
      auto ready = protocol::parse_context_ready(x.frame);
      spec.record.application_id = std::move(ready.application_id);
      spec.record.web_url = std::move(ready.web_url);
      spec.record.version = std::move(ready.version);
      act(machine.ready());
      return;
    }
    case protocol::kind::context_failed: {
      auto why = protocol::parse_context_failed(x.frame);
      begin_failure({std::move(why.message),
                     std::move(why.error_class),
                     std::move(why.stack),
                     {}});
      return;
    }
    case protocol::kind::stopping:
    case protocol::kind::log:
      return;
    default:
      break;
  }
  auto id = protocol::parse_job(x.frame);
  auto i = jobs.find(id);
  if (i != jobs.end())
    self->send(i->second.actor, std::move(x));
  else if (x.frame.kind == protocol::kind::job_ended)
    // Nobody waits for it any more; let the agent forget it.
    link->send(protocol::job_stored_frame(id));
}

void context_actor_state::link_closed(const agent_closed& x) {
  if (x.link != link.get())
    return;
  link = nullptr;
  if (machine.now() != phase::starting && machine.now() != phase::running)
    return;
  spdlog::warn("context {}: lost its agent: {}", spec.record.name, x.reason);
  lost_reason = x.reason;
  self->delayed_send(self, spec.policy.redial_timeout, atom::expire_v,
                     atom::attach_v, ++redial_generation);
}

void context_actor_state::expire_redial(std::uint64_t generation) {
  if (generation == redial_generation && !link)
    begin_failure(
      {"the context's process lives, but its agent was lost: " + lost_reason,
       {},
       {},
       {}});
}

void context_actor_state::process_gone(const launch::process_exit& how) {
  spdlog::info("context {}: its process {} ended: {}", spec.record.name,
               how.process.pid, to_string(how));
  if (!process_known && !machine.over()) {
    // It ended before we heard that it had started.
    spec.record.process = how.process;
    process_known = true;
  }
  act(machine.exited(how));
}

void context_actor_state::expire_init() {
  if (machine.now() == phase::starting)
    begin_failure({"the context was not ready within "
                     + std::to_string(spec.policy.init_timeout.count())
                     + " ms (setting context-init-timeout)",
                   {},
                   {},
                   {}});
}

void context_actor_state::open() {
  spdlog::info("context {}: ready, {}", spec.record.name,
               spec.record.application_id);
  auto answer = [this] {
    self->send(spec.drivers, atom::release_v, spec.record.id);
    for (auto& promise : starters)
      promise.deliver(snapshot());
    starters.clear();
  };
  self->request(spec.store, store_deadline, atom::put_v, snapshot())
    .then([answer](atom::ok) { answer(); },
          [this](caf::error& e) { begin_failure(problem_of(e)); });
}

void context_actor_state::job_done(const std::string& job) {
  auto i = jobs.find(job);
  if (i == jobs.end() || !i->second.holds_slot)
    return;
  i->second.holds_slot = false;
  --slots_taken;
  if (spec.record.ad_hoc && machine.now() == phase::running)
    act(machine.stop(false));
}

void context_actor_state::job_down(const caf::actor_addr& gone) {
  auto i = std::find_if(jobs.begin(), jobs.end(), [&](auto& entry) {
    return entry.second.actor.address() == gone;
  });
  if (i == jobs.end())
    return;
  if (i->second.holds_slot) {
    spdlog::error("job {}: its actor died", i->first);
    self->send(spec.binaries, atom::release_v, i->first);
    job_done(i->first);
  }
  jobs.erase(i);
  finish_if_empty();
}

std::vector<status_actor> context_actor_state::children() const {
  std::vector<status_actor> result;
  for (auto& [id, child] : jobs)
    result.emplace_back(child.actor);
  return result;
}

} // namespace hearth
