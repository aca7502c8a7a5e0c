#include "actors/context_supervisor.hpp"

#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/context_policy.hpp"
#include "actors/error.hpp"
#include "actors/identity.hpp"
#include "actors/status.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::seconds snapshot_deadline{5};

/// Answers come when they come: the context bounds its start and its end.
constexpr std::chrono::minutes context_deadline{24 * 60};

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name_char(char c) noexcept {
  return is_letter(c) || (c >= '0' && c <= '9')
         || std::string_view{"-_.:$+"}.find(c) != std::string_view::npos;
}

caf::error not_found(const std::string& name) {
  return make_error(ec::context_not_found, "context " + name + " not found");
}

} // namespace

bool valid_context_name(const std::string& name) noexcept {
  return !name.empty() && name.size() <= 200 && is_letter(name.front())
         && std::all_of(name.begin(), name.end(), is_name_char);
}

caf::result<context_record> supervisor_state::create(const context_request& x) {
  if (closing)
    return make_error(ec::shutting_down, "the server is stopping");
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
  // It may be over already, with its end not yet heard of here.
  auto id = i->second.id;
  self->request(i->second.actor, snapshot_deadline, atom::get_v)
    .then(
      [this, x, id, done](const context_record& known) mutable {
        if (is_final(known.state))
          forget(x.name, id);
        spawn_context(x, done);
      },
      [this, x, id, done](caf::error&) mutable {
        forget(x.name, id);
        spawn_context(x, done);
      });
  return promise;
}

void supervisor_state::spawn_context(const context_request& x,
                                     created_handler done) {
  if (contexts.count(x.name) != 0) {
    done(make_error(ec::context_exists, "context " + x.name + " exists"));
    return;
  }
  auto settings = x.settings;
  settings.insert(spec.context_defaults.begin(), spec.context_defaults.end());
  auto policy = policy_of(spec.policy, settings);
  if (!policy) {
    done(std::move(policy.error()));
    return;
  }
  context_spec c;
  c.record.id = make_uuid();
  c.record.name = x.name;
  c.record.settings = protocol::to_json(settings);
  c.record.start_time = now_ms();
  c.record.ad_hoc = x.ad_hoc;
  c.jars = jars_of(settings);
  c.settings = std::move(settings);
  c.policy = *policy;
  c.token = make_token();
  c.parent = self->id();
  c.launcher = spec.launcher;
  c.drivers = spec.drivers;
  c.binaries = spec.binaries;
  c.store = spec.store;
  c.results = spec.results;
  c.callbacks = spec.callbacks;
  c.progress = spec.progress;
  auto id = c.record.id;
  spdlog::info("context {}: starting, id {}", x.name, id);
  auto child = self->spawn<caf::monitored>(context, std::move(c));
  contexts[x.name] = {child, id, false};
  self->request(child, context_deadline, atom::start_v)
    .then([done](context_record& r) { done(std::move(r)); },
          [this, done, name = x.name, id](caf::error& e) {
            forget(name, id);
            done(std::move(e));
          });
}

void supervisor_state::forget(const std::string& name, const std::string& id) {
  auto i = contexts.find(name);
  if (i != contexts.end() && i->second.id == id)
    contexts.erase(i);
}

caf::result<context_record> supervisor_state::stop(const std::string& name,
                                                   bool force) {
  auto i = contexts.find(name);
  if (i == contexts.end())
    return not_found(name);
  auto promise = self->make_response_promise<context_record>();
  self->request(i->second.actor, context_deadline, atom::stop_v, force)
    .then(
      [this, promise, id = i->second.id](context_record& r) mutable {
        // The name has to be free once the client hears of it.
        forget(r.name, id);
        promise.deliver(std::move(r));
      },
      [promise, name](caf::error& e) mutable {
        // An actor that ended while it was asked is no context any more.
        promise.deliver(code_of(e) == ec::internal ? not_found(name)
                                                   : std::move(e));
      });
  return promise;
}

caf::result<context_record> supervisor_state::get(const std::string& name) {
  auto promise = self->make_response_promise<context_record>();
  auto from_store = [this, promise, name]() mutable {
    self->request(spec.store, store_deadline, atom::get_v, atom::create_v, name)
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
        // Who is shown its end must not find it among the live ones.
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
    if (!entry.over)
      result.push_back(name);
  return result;
}

caf::result<job_record> supervisor_state::run(job_request& x) {
  if (closing)
    return make_error(ec::shutting_down, "the server is stopping");
  if (x.context.empty()) {
    auto promise = self->make_response_promise<job_record>();
    run_ad_hoc(x, promise);
    return promise;
  }
  auto i = contexts.find(x.context);
  if (i == contexts.end())
    return not_found(x.context);
  return self->delegate(i->second.actor, atom::run_v, std::move(x));
}

void supervisor_state::run_ad_hoc(
  job_request& x, caf::typed_response_promise<job_record> promise) {
  context_request c{make_uuid() + "-" + x.main_class, x.settings, true};
  auto fail
    = [promise](caf::error& e) mutable { promise.deliver(std::move(e)); };
  // Wrong names are told before seconds are spent on a process.
  self
    ->request(spec.binaries, resolve_deadline, atom::resolve_v,
              resolve_request{"", x.binaries, x.by_app_name})
    .then(
      [this, c, fail, promise, x = std::move(x)](resolved_binaries&) mutable {
        x.context = c.name;
        spawn_context(c, [this, fail, promise, x = std::move(x)](
                           caf::expected<context_record> ready) mutable {
          if (!ready) {
            fail(ready.error());
            return;
          }
          auto i = contexts.find(ready->name);
          if (i == contexts.end()) {
            auto gone = not_found(ready->name);
            fail(gone);
            return;
          }
          self
            ->request(i->second.actor, context_deadline, atom::run_v,
                      std::move(x))
            .then([promise](
                    job_record& r) mutable { promise.deliver(std::move(r)); },
                  fail);
        });
      },
      fail);
}

caf::result<job_record> supervisor_state::kill(const std::string& job) {
  auto promise = self->make_response_promise<job_record>();
  auto fail
    = [promise](caf::error& e) mutable { promise.deliver(std::move(e)); };
  self->request(spec.store, store_deadline, atom::get_v, atom::run_v, job)
    .then(
      [this, promise, fail](job_record& r) mutable {
        auto i = contexts.find(r.context_name);
        if (r.state == job_state::error) {
          promise.deliver(std::move(r));
        } else if (is_final(r.state) || i == contexts.end()
                   || i->second.id != r.context_id) {
          promise.deliver(
            make_error(ec::job_not_running, "No running job with ID " + r.id));
        } else {
          self->request(i->second.actor, context_deadline, atom::kill_v, r.id)
            .then(
              [promise](job_record& end) mutable {
                promise.deliver(std::move(end));
              },
              fail);
        }
      },
      fail);
  return promise;
}

caf::result<job_record> supervisor_state::await(const std::string& job,
                                                std::int64_t ms) {
  auto promise = self->make_response_promise<job_record>();
  auto fail
    = [promise](caf::error& e) mutable { promise.deliver(std::move(e)); };
  auto read = [this, job](auto then, auto otherwise) {
    self->request(spec.store, store_deadline, atom::get_v, atom::run_v, job)
      .then(then, otherwise);
  };
  auto deliver
    = [promise](job_record& r) mutable { promise.deliver(std::move(r)); };
  read(
    [this, ms, read, deliver, fail](job_record& r) mutable {
      auto i = contexts.find(r.context_name);
      if (is_final(r.state) || i == contexts.end()
          || i->second.id != r.context_id) {
        deliver(r);
        return;
      }
      // Whether it was awaited, or was over already: its record knows.
      self->request(i->second.actor, context_deadline, atom::await_v, r.id, ms)
        .then([=](atom::ok) { read(deliver, fail); },
              [=](caf::error&) { read(deliver, fail); });
    },
    fail);
  return promise;
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
  if (spec.start_contexts.empty()) {
    done();
    return;
  }
  auto open = std::make_shared<std::size_t>(spec.start_contexts.size());
  for (auto& [name, settings] : spec.start_contexts)
    spawn_context({name, settings, false},
                  [open, done, name = name](caf::expected<context_record> r) {
                    if (!r)
                      spdlog::error("context {} of the configuration: {}", name,
                                    problem_of(r.error()).message);
                    if (--*open == 0)
                      done();
                  });
}

void supervisor_state::hello(agent_hello& x) {
  for (auto& [name, entry] : contexts)
    if (entry.id == x.hello.context_id) {
      self->send(entry.actor, std::move(x));
      return;
    }
  x.link->reject("no context of id " + x.hello.context_id + " lives here");
}

void supervisor_state::context_down(const caf::actor_addr& gone) {
  auto i = std::find_if(contexts.begin(), contexts.end(), [&](auto& entry) {
    return entry.second.actor.address() == gone;
  });
  if (i != contexts.end())
    contexts.erase(i);
}

std::vector<status_actor> supervisor_state::children() const {
  std::vector<status_actor> result{spec.drivers};
  for (auto& [name, entry] : contexts)
    result.emplace_back(entry.actor);
  return result;
}

supervisor_actor::behavior_type
context_supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
                   supervisor_spec spec) {
  self->state.spec = std::move(spec);
  self->state.since = now_ms();
  self->set_down_handler(
    [=](caf::down_msg& x) { self->state.context_down(x.source); });
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
    [=](atom::kill, const std::string& job) { return self->state.kill(job); },
    [=](atom::await, const std::string& job, std::int64_t ms) {
      return self->state.await(job, ms);
    },
    [=](atom::reset) { return self->state.reset(); },
    [=](atom::start) { self->state.start_all([] {}); },
    [=](atom::stop, bool force) { return self->state.close(force); },
    [=](agent_hello& x) { self->state.hello(x); },
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
