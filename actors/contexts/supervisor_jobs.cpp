// Jobs on their way to their contexts.

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/contexts/supervisor.hpp"
#include "base/ids.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};

} // namespace

caf::result<job_record> supervisor_state::run(job_request& x) {
  if (closing)
    return make_error(ec::shutting_down, "the server is stopping");
  if (!x.key.empty() && x.id.empty())
    return run_keyed(x);
  if (x.context.empty()) {
    auto promise = self->make_response_promise<job_record>();
    run_ad_hoc(x, promise);
    return promise;
  }
  auto name = x.context;
  return pass_on<job_record>(name, atom::run_v, std::move(x));
}

void supervisor_state::run_ad_hoc(
  job_request& x, caf::typed_response_promise<job_record> promise) {
  context_request c{make_uuid() + "-" + x.main_class, x.settings, true};
  auto fail
    = [promise](caf::error& e) mutable { promise.deliver(std::move(e)); };
  // Wrong names are refused before seconds are spent on starting a process.
  resolve_request wanted{"", x.binaries, x.by_app_name};
  self
    ->request(spec.services->binaries, resolve_deadline, atom::resolve_v,
              std::move(wanted))
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
            auto gone = context_gone(ready->name);
            fail(gone);
            return;
          }
          self
            ->request(i->second.actor, context_deadline, atom::run_v,
                      std::move(x))
            .then([promise](
                    job_record& r) mutable { promise.deliver(std::move(r)); },
                  [fail, name = ready->name](caf::error& e) mutable {
                    auto why = error_of_context(e, name);
                    fail(why);
                  });
        });
      },
      fail);
}

caf::result<job_record> supervisor_state::kill(const std::string& job,
                                               bool force) {
  auto promise = self->make_response_promise<job_record>();
  kill(job, force, promise);
  return promise;
}

/// A live job is asked itself.
void supervisor_state::kill(const std::string& job, bool force,
                            caf::typed_response_promise<job_record> promise) {
  auto actor = spec.services->jobs->find(job);
  if (!actor)
    return kill_by_record(job, force, promise);
  self->request(actor, context_deadline, atom::kill_v, force)
    .then(
      [promise](job_record& end) mutable { promise.deliver(std::move(end)); },
      [this, promise, force, job](caf::error& e) mutable {
        // It ended before it read the request; its end is stored.
        if (is_receiver_down(e))
          kill_by_record(job, force, promise);
        else
          promise.deliver(std::move(e));
      });
}

/// Kills a job that has no actor. It is over, or its context's agent has not
/// reported it yet; its record says which.
void supervisor_state::kill_by_record(
  const std::string& job, bool force,
  caf::typed_response_promise<job_record> promise) {
  auto fail
    = [promise](caf::error& e) mutable { promise.deliver(std::move(e)); };
  self
    ->request(spec.services->store, store_deadline, atom::get_v, atom::by_id_v,
              job)
    .then(
      [this, promise, fail, force](job_record& r) mutable {
        auto i = contexts.find(r.context_name);
        if (r.state == job_state::error) {
          promise.deliver(std::move(r));
        } else if (is_final(r.state) || i == contexts.end()
                   || i->second.id != r.context_id) {
          promise.deliver(
            make_error(ec::job_not_running, "No running job with ID " + r.id));
        } else if (spec.services->jobs->find(r.id)) {
          kill(r.id, force, promise); // found by its agent meanwhile
        } else if (i->second.dead) {
          promise.deliver(make_error(ec::store_failed,
                                     "the end of job " + r.id + " of context "
                                       + r.context_name
                                       + ", which failed, is not stored yet"));
        } else {
          self
            ->request(i->second.actor, context_deadline, atom::kill_v, r.id,
                      force)
            .then(
              [promise](job_record& end) mutable {
                promise.deliver(std::move(end));
              },
              [this, promise, fail, force, id = r.id](caf::error& e) mutable {
                // The actor of the job or of the context has ended meanwhile,
                // and has stored the job's end before.
                if (is_receiver_down(e))
                  kill(id, force, promise);
                else
                  fail(e);
              });
        }
      },
      fail);
}

caf::result<job_record> supervisor_state::await(const std::string& job,
                                                std::int64_t ms) {
  auto promise = self->make_response_promise<job_record>();
  auto actor = spec.services->jobs->find(job);
  if (actor)
    self->request(actor, context_deadline, atom::await_v, ms)
      .then(
        [this, promise](job_record& r) mutable {
          if (r.state_version > 0)
            promise.deliver(std::move(r));
          else
            deliver_record(r.id, promise, std::move(r));
        },
        // It ended before it read the request, and its end is stored.
        [this, promise, job](caf::error&) {
          deliver_record(job, promise, std::nullopt);
        });
  else
    await_by_record(job, ms, promise);
  return promise;
}

/// Answers with the record in the store.
/// @param otherwise the answer if the store does not have it
void supervisor_state::deliver_record(
  const std::string& job, caf::typed_response_promise<job_record> promise,
  std::optional<job_record> otherwise) {
  self
    ->request(spec.services->store, store_deadline, atom::get_v, atom::by_id_v,
              job)
    .then([promise](job_record& r) mutable { promise.deliver(std::move(r)); },
          [promise, otherwise](caf::error& e) mutable {
            if (otherwise)
              promise.deliver(std::move(*otherwise));
            else
              promise.deliver(std::move(e));
          });
}

/// Awaits a job that has no actor. It is over, or its context's agent has not
/// reported it yet; its record says which.
void supervisor_state::await_by_record(
  const std::string& job, std::int64_t ms,
  caf::typed_response_promise<job_record> promise) {
  self
    ->request(spec.services->store, store_deadline, atom::get_v, atom::by_id_v,
              job)
    .then(
      [this, promise, ms](job_record& r) mutable {
        auto i = contexts.find(r.context_name);
        if (is_final(r.state) || i == contexts.end()
            || i->second.id != r.context_id) {
          promise.deliver(std::move(r));
          return;
        }
        auto id = r.id;
        auto read
          = [this, promise, id] { deliver_record(id, promise, std::nullopt); };
        self->request(i->second.actor, context_deadline, atom::await_v, id, ms)
          .then([read](const job_record&) { read(); },
                [read](caf::error&) { read(); });
      },
      [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
}

} // namespace hearth
