// Requests with an Idempotency-Key. If a key was used before, its request
// stands for the later ones. The store remembers which job or context a key
// stands for. Requests that arrive while the first one is under way wait for it
// here.
//
// A job with a key is in the store before it is sent to its context, so a key
// without a job stands for a job that never ran.

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/api/request_digest.hpp"
#include "actors/contexts/supervisor.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};

caf::error reused(const std::string& key) {
  auto sent = key.substr(key.rfind('\n') + 1); // without its user
  return make_error(ec::key_reused, "the Idempotency-Key " + sent
                                      + " was used for another request: same "
                                        "key, same parameters and body");
}

/// Whether the job of a request that failed is there all the same.
bool runs_on(const caf::error& e) {
  return code_of(e) == ec::job_timeout;
}

caf::error timed_out(const job_request& x, const std::string& id) {
  auto what = "Request timed out after " + std::to_string(x.timeout_ms)
              + " ms, the job runs on. Try using the /jobs/<jobID>, /jobs APIs "
                "to get status/results";
  auto error_class = std::string{"java.util.concurrent.TimeoutException"};
  return make_error(ec::job_timeout,
                    problem{what, error_class, error_class + ": " + what, id});
}

template <class Record>
using promise_of = caf::typed_response_promise<Record>;

/// Answers the later requests in the same way as the first one.
template <class Record>
void settle(std::map<std::string, keyed_request<Record>>& all,
            const std::string& key, caf::expected<Record> result) {
  auto i = all.find(key);
  if (i == all.end())
    return;
  auto waiters = std::move(i->second.waiters);
  all.erase(i);
  for (auto& waiter : waiters)
    waiter(result);
}

/// Answers with a job that is there already.
void join(supervisor_actor me, supervisor_actor::pointer self,
          const store_actor& store, const job_request& x, const std::string& id,
          promise_of<job_record> promise,
          std::function<void(caf::error&)> otherwise) {
  if (!x.sync) {
    self->request(store, store_deadline, atom::get_v, atom::by_id_v, id)
      .then(
        [promise](job_record& r) mutable {
          // The first request was answered with this state, too.
          r.state = job_state::started;
          promise.deliver(std::move(r));
        },
        std::move(otherwise));
    return;
  }
  self->request(me, context_deadline, atom::await_v, id, x.timeout_ms)
    .then(
      [promise, x, id](job_record& r) mutable {
        if (is_final(r.state))
          promise.deliver(std::move(r));
        else
          promise.deliver(timed_out(x, id));
      },
      std::move(otherwise));
}

} // namespace

caf::result<job_record> supervisor_state::run_keyed(const job_request& x) {
  auto digest = x.digest.empty() ? digest_of(x) : x.digest;
  auto name = "job:" + x.key;
  auto i = keyed_jobs.find(name);
  if (i != keyed_jobs.end() && i->second.digest != digest)
    return reused(x.key);
  auto promise = self->make_response_promise<job_record>();
  auto me = caf::actor_cast<supervisor_actor>(self);
  auto fail = [promise](caf::error& e) mutable { promise.deliver(e); };
  if (i != keyed_jobs.end()) {
    i->second.waiters.push_back(
      [=, this](caf::expected<job_record>& first) mutable {
        if (first)
          join(me, self, spec.services->store, x, first->id, promise, fail);
        else if (runs_on(first.error()))
          join(me, self, spec.services->store, x,
               problem_of(first.error()).subject, promise, fail);
        else
          promise.deliver(first.error());
      });
    return promise;
  }
  keyed_jobs[name].digest = digest;
  auto run_first = [=, this](const std::string& id) mutable {
    auto request = x;
    request.id = id;
    self->request(me, context_deadline, atom::run_v, std::move(request))
      .then(
        [=, this](job_record& r) mutable {
          settle<job_record>(keyed_jobs, name, r);
          promise.deliver(std::move(r));
        },
        [=, this](caf::error& e) mutable {
          // A refused request may be tried again with the same key. After an
          // internal error the job may have run, and the key has to stand for
          // it.
          if (!runs_on(e) && code_of(e) != ec::internal)
            self->send(spec.services->store, atom::forget_key_v, name);
          settle<job_record>(keyed_jobs, name, e);
          promise.deliver(e);
        });
  };
  auto id = make_uuid();
  self
    ->request(spec.services->store, store_deadline, atom::put_v,
              key_claim{name, digest, id, now_ms()})
    .then(
      [=, this](const key_claim& found) mutable {
        if (found.digest != digest) {
          settle<job_record>(keyed_jobs, name, reused(x.key));
          promise.deliver(reused(x.key));
          return;
        }
        if (found.subject == id)
          return run_first(id);
        self
          ->request(spec.services->store, store_deadline, atom::get_v,
                    atom::by_id_v, found.subject)
          .then(
            [=, this](job_record& r) mutable {
              auto known = r.id;
              settle<job_record>(keyed_jobs, name, std::move(r));
              join(me, self, spec.services->store, x, known, promise, fail);
            },
            [=, this, subject = found.subject](caf::error& e) mutable {
              if (code_of(e) == ec::job_not_found)
                return run_first(subject);
              settle<job_record>(keyed_jobs, name, e);
              promise.deliver(e);
            });
      },
      [=, this](caf::error& e) mutable {
        settle<job_record>(keyed_jobs, name, e);
        promise.deliver(e);
      });
  return promise;
}

caf::result<context_record>
supervisor_state::create_keyed(const context_request& x) {
  auto digest = x.digest.empty() ? digest_of(x) : x.digest;
  auto name = "context:" + x.key;
  auto i = keyed_contexts.find(name);
  if (i != keyed_contexts.end() && i->second.digest != digest)
    return reused(x.key);
  auto promise = self->make_response_promise<context_record>();
  auto me = caf::actor_cast<supervisor_actor>(self);
  auto answer = [=, this](caf::expected<context_record> result) mutable {
    settle<context_record>(keyed_contexts, name, result);
    if (result)
      promise.deliver(std::move(*result));
    else
      promise.deliver(result.error());
  };
  if (i != keyed_contexts.end()) {
    i->second.waiters.push_back(
      [promise](caf::expected<context_record>& first) mutable {
        if (first)
          promise.deliver(*first);
        else
          promise.deliver(first.error());
      });
    return promise;
  }
  keyed_contexts[name].digest = digest;
  auto create_first = [=, this](const std::string& id) mutable {
    auto request = x;
    request.id = id;
    self->request(me, context_deadline, atom::create_v, std::move(request))
      .then([=](context_record& r) mutable { answer(std::move(r)); },
            [=, this](caf::error& e) mutable {
              self->send(spec.services->store, atom::forget_key_v, name);
              answer(e);
            });
  };
  auto id = make_uuid();
  self
    ->request(spec.services->store, store_deadline, atom::put_v,
              key_claim{name, digest, id, now_ms()})
    .then(
      [=, this](const key_claim& found) mutable {
        if (found.digest != digest)
          return answer(reused(x.key));
        if (found.subject == id)
          return create_first(id);
        self->request(me, store_deadline, atom::get_v, x.name)
          .then(
            [=, subject = found.subject](context_record& r) mutable {
              if (r.id == subject && r.state == context_state::error)
                answer(make_error(ec::context_init_failed, r.reason));
              else
                answer(std::move(r));
            },
            [=, subject = found.subject](caf::error& e) mutable {
              if (code_of(e) == ec::context_unknown)
                create_first(subject);
              else
                answer(e);
            });
      },
      [=](caf::error& e) mutable { answer(e); });
  return promise;
}

} // namespace hearth
