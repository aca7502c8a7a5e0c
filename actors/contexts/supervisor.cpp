#include "actors/contexts/supervisor.hpp"

#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "actors/contexts/context.hpp"
#include "actors/contexts/policy.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::seconds snapshot_deadline{5};

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name_char(char c) noexcept {
  return is_letter(c) || (c >= '0' && c <= '9')
         || std::string_view{"-_.:$+"}.find(c) != std::string_view::npos;
}

} // namespace

bool valid_context_name(const std::string& name) noexcept {
  return !name.empty() && name.size() <= 200 && is_letter(name.front())
         && std::all_of(name.begin(), name.end(), is_name_char);
}

caf::result<context_record> supervisor_state::create(const context_request& x) {
  if (closing)
    return make_error(ec::shutting_down, "the server is stopping");
  if (!x.key.empty() && x.id.empty())
    return create_keyed(x);
  if (!valid_context_name(x.name))
    return make_error(
      ec::context_name_invalid,
      x.name.empty() || !is_letter(x.name.front())
        ? "context name must start with letters"
        : "context name " + x.name
            + " is too long or holds a character that is no letter, digit or "
              "one of - _ . : $ +");
  auto promise = self->make_response_promise<context_record>();
  auto done = [promise](caf::expected<context_record> r) mutable {
    if (r)
      promise.deliver(std::move(*r));
    else
      promise.deliver(std::move(r.error()));
  };
  auto i = contexts.find(x.name);
  if (i == contexts.end()) {
    spawn_context(x, done);
    return promise;
  }
  if (i->second.dead) {
    done(make_error(ec::context_exists,
                    "context " + x.name
                      + " failed with the server's part that managed it, and "
                        "its end is not stored yet"));
    return promise;
  }
  // It may be over already, with its end not yet heard of here.
  auto id = i->second.id;
  auto wanted = std::make_shared<context_request>(x); // not copied again
  self->request(i->second.actor, snapshot_deadline, atom::get_v)
    .then(
      [this, wanted, id, done](const context_record& known) mutable {
        if (is_final(known.state))
          forget(wanted->name, id);
        spawn_context(*wanted, done);
      },
      [this, wanted, done](caf::error& e) mutable {
        if (!is_receiver_down(e))
          return done(std::move(e));
        // Its actor has ended. The next message from it says how.
        self
          ->request(supervisor_actor{self}, context_deadline, atom::create_v,
                    std::move(*wanted))
          .then([done](context_record& r) mutable { done(std::move(r)); },
                [done](caf::error& e) mutable { done(std::move(e)); });
      });
  return promise;
}

void supervisor_state::spawn_context(const context_request& x,
                                     created_handler done) {
  if (contexts.count(x.name) != 0) {
    done(make_error(ec::context_exists, "context " + x.name + " exists"));
    return;
  }
  if (contexts.size() >= spec.max_contexts) {
    done(make_error(ec::overloaded,
                    "there are " + std::to_string(contexts.size())
                      + " contexts, as many as hearth.contexts.max allows"));
    return;
  }
  auto settings = x.settings;
  settings.insert(spec.context_defaults.begin(), spec.context_defaults.end());
  context_record record;
  record.id = x.id.empty() ? make_uuid() : x.id;
  record.name = x.name;
  record.settings = protocol::to_json(settings);
  record.start_time = now_ms();
  record.ad_hoc = x.ad_hoc;
  auto policy = policy_of(spec.policy, settings);
  if (!policy) {
    done(std::move(policy.error()));
    return;
  }
  auto id = record.id;
  spdlog::info("context {}: starting, id {}", x.name, id);
  auto child = spawn_actor(std::move(record), std::move(settings), *policy, {});
  self->request(child, context_deadline, atom::start_v)
    .then([done](context_record& r) { done(std::move(r)); },
          [this, done, name = x.name, id](caf::error& e) {
            // If its actor died, the next message from it says so.
            if (code_of(e) != ec::internal)
              forget(name, id);
            done(std::move(e));
          });
}

context_actor supervisor_state::spawn_actor(context_record record,
                                            settings_map settings,
                                            context_policy policy,
                                            leftover_process leftover) {
  context_spec c;
  c.record = std::move(record);
  c.jars = jars_of(settings);
  c.settings = std::move(settings);
  c.policy = std::move(policy);
  // It ends with its job, however that ends.
  if (c.record.ad_hoc)
    c.policy.restart = conf::restart_mode::never;
  c.leftover = std::move(leftover);
  c.parent = self->id();
  c.services = spec.services;
  c.random = spec.random;
  auto record_then = c.record;
  auto slots = c.slots;
  auto child = self->spawn<caf::monitored>(context, std::move(c));
  auto name = record_then.name;
  auto id = record_then.id;
  contexts[name] = {child, std::move(id), std::move(record_then)};
  spec.open->put(name, {child, slots});
  return child;
}

void supervisor_state::recover(leftover_context& x) {
  auto policy = policy_of(spec.policy, x.settings);
  // They made sense to an earlier server.
  auto child
    = spawn_actor(std::move(x.record), std::move(x.settings),
                  policy ? *policy : spec.policy, std::move(x.process));
  self->send(child, atom::recover_v);
}

caf::result<context_record> supervisor_state::restart(const std::string& name,
                                                      bool hold) {
  return pass_on<context_record>(name, atom::restart_v, hold);
}

caf::result<atom::ok> supervisor_state::detach() {
  closing = true;
  for (auto& [name, entry] : contexts) {
    self->demonitor(entry.actor.address());
    self->send_exit(entry.actor, caf::exit_reason::user_shutdown);
  }
  contexts.clear();
  spec.open->clear();
  return atom::ok_v;
}

void supervisor_state::forget(const std::string& name, const std::string& id) {
  auto i = contexts.find(name);
  if (i != contexts.end() && i->second.id == id)
    drop(i);
}

void supervisor_state::drop(std::map<std::string, context_entry>::iterator x) {
  spec.open->erase(x->first);
  contexts.erase(x);
}

caf::result<context_record> supervisor_state::stop(const std::string& name,
                                                   bool force) {
  auto i = contexts.find(name);
  if (i == contexts.end())
    return context_gone(name);
  auto promise = self->make_response_promise<context_record>();
  self->request(i->second.actor, context_deadline, atom::stop_v, force)
    .then(
      [this, promise, id = i->second.id](context_record& r) mutable {
        // The name has to be free once the client hears of it.
        forget(r.name, id);
        promise.deliver(std::move(r));
      },
      [promise, name](caf::error& e) mutable {
        promise.deliver(error_of_context(e, name));
      });
  return promise;
}

caf::result<context_record> supervisor_state::get(const std::string& name) {
  auto promise = self->make_response_promise<context_record>();
  auto from_store = [this, promise, name]() mutable {
    self
      ->request(spec.services->store, store_deadline, atom::get_v,
                atom::by_name_v, name)
      .then(
        [promise](context_record& r) mutable { promise.deliver(std::move(r)); },
        [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
  };
  auto i = contexts.find(name);
  if (i == contexts.end()) {
    from_store();
    return promise;
  }
  self->request(i->second.actor, snapshot_deadline, atom::get_v)
    .then(
      [this, promise](context_record& r) mutable {
        // A client that has been shown the end must not find the context among
        // the live ones.
        auto i = contexts.find(r.name);
        if (is_final(r.state) && i != contexts.end() && i->second.id == r.id)
          i->second.over = true;
        promise.deliver(std::move(r));
      },
      [from_store](caf::error&) mutable { from_store(); });
  return promise;
}

std::vector<std::string> supervisor_state::names() const {
  std::vector<std::string> result;
  result.reserve(contexts.size());
  for (auto& [name, entry] : contexts)
    if (!entry.over && !entry.dead)
      result.push_back(name);
  return result;
}

caf::result<atom::ok> supervisor_state::reset() {
  auto promise = self->make_response_promise<atom::ok>();
  stop_all(false, [this, promise] {
    start_all([promise]() mutable { promise.deliver(atom::ok_v); });
  });
  return promise;
}

caf::result<atom::ok> supervisor_state::close(bool force) {
  closing = true;
  spec.open->clear(); // jobs are refused here
  auto promise = self->make_response_promise<atom::ok>();
  stop_all(force, [promise]() mutable { promise.deliver(atom::ok_v); });
  return promise;
}

void supervisor_state::stop_all(bool force, std::function<void()> done) {
  if (contexts.empty()) {
    done();
    return;
  }
  auto open = std::make_shared<std::size_t>(contexts.size());
  auto one = [open, done] {
    if (--*open == 0)
      done();
  };
  for (auto& [name, entry] : contexts)
    self->request(entry.actor, context_deadline, atom::stop_v, force)
      .then(
        [this, one, id = entry.id](const context_record& r) {
          forget(r.name, id);
          one();
        },
        [one](caf::error&) { one(); });
}

void supervisor_state::start_all(std::function<void()> done) {
  auto open = std::make_shared<std::size_t>(1); // the loop itself
  auto one = [open, done] {
    if (--*open == 0)
      done();
  };
  for (auto& [name, settings] : spec.start_contexts) {
    // Those of an earlier server, or that do not stop in time, live on.
    if (contexts.count(name) != 0)
      continue;
    ++*open;
    spawn_context({name, settings, false},
                  [one, name = name](caf::expected<context_record> r) {
                    if (!r)
                      spdlog::error("context {} of the configuration: {}", name,
                                    problem_of(r.error()).message);
                    one();
                  });
  }
  one();
}

void supervisor_state::hello(agent_hello& x) {
  for (auto& [name, entry] : contexts)
    if (entry.id == x.hello.context_id && !entry.dead) {
      self->send(entry.actor, std::move(x));
      return;
    }
  x.link->reject("no context of id " + x.hello.context_id + " lives here");
}

std::vector<status_actor> supervisor_state::children() const {
  std::vector<status_actor> result{spec.services->drivers};
  for (auto& [name, entry] : contexts)
    if (!entry.dead)
      result.emplace_back(entry.actor);
  return result;
}

supervisor_actor::behavior_type
context_supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
                   supervisor_spec spec) {
  self->state.spec = std::move(spec);
  self->state.since = now_ms();
  for (auto& x : self->state.spec.leftovers)
    self->state.recover(x);
  self->state.spec.leftovers.clear();
  self->set_down_handler(
    [=](caf::down_msg& x) { self->state.context_down(x); });
  return {
    [=](atom::create, const context_request& x) {
      return self->state.create(x);
    },
    [=](atom::stop, const std::string& name, bool force) {
      return self->state.stop(name, force);
    },
    [=](atom::get, const std::string& name) { return self->state.get(name); },
    [=](atom::list) { return self->state.names(); },
    [=](atom::run, job_request& x) { return self->state.run(x); },
    [=](atom::await, const std::string& job, std::int64_t ms) {
      return self->state.await(job, ms);
    },
    [=](atom::restart, const std::string& name, bool hold) {
      return self->state.restart(name, hold);
    },
    [=](atom::kill, const std::string& job, bool force) {
      return self->state.kill(job, force);
    },
    [=](atom::reset) { return self->state.reset(); },
    [=](atom::start_all) { self->state.start_all([] {}); },
    [=](atom::stop_all, bool force) { return self->state.close(force); },
    [=](atom::detach) { return self->state.detach(); },
    [=](agent_hello& x) { self->state.hello(x); },
    [=](atom::retry_end, const std::string& name) {
      self->state.store_dead_context(name);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return gather_status(self,
                           own_status(self, "supervisor", "",
                                      st.closing ? "closing" : "open", 0,
                                      st.since),
                           st.children());
    },
  };
}

} // namespace hearth
