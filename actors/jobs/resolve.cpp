// The binaries of a job: in use from before it is sent until it is over.

#include <algorithm>

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/binaries/registry.hpp"
#include "actors/jobs/job.hpp"

namespace hearth {

namespace {

using std::chrono::milliseconds;

/// For an async job to be stored, however short its `timeout`, which is the
/// time that the client of a sync job waits.
constexpr milliseconds least_async_wait{1000};

} // namespace

caf::result<job_record> job_actor_state::run() {
  auto promise = self->make_response_promise<job_record>();
  client = promise;
  asked = self->clock().now() - spec.waited;
  auto& x = spec.request;
  milliseconds wait{x.timeout_ms};
  wait = x.sync ? std::max(wait - spec.waited, milliseconds{0})
                : std::max(wait, least_async_wait);
  // Before all that may end it at once.
  self->delayed_send(self, wait, atom::expire_v, atom::wait_v);
  if (spec.services->registry)
    taken = spec.services->registry->try_take(record.id, x.binaries);
  if (taken) {
    resolved_binaries here{std::move(taken->refs)};
    announce(here);
  } else {
    self
      ->request(spec.services->binaries, resolve_deadline, atom::resolve_v,
                resolve_request{record.id, x.binaries, x.by_app_name})
      .then([this](resolved_binaries& found) { announce(found); },
            [this](caf::error& e) { reject(std::move(e)); });
  }
  return promise;
}

/// Fetching binaries from other servers may take longer than `timeout`. But a
/// client that gets no answer gives up, and its job must not run then.
void job_actor_state::wait_for_binaries() {
  auto left = asked + spec.longest_wait - self->clock().now();
  if (left > left.zero()) {
    self->delayed_send(self, left, atom::expire_v, atom::wait_v);
    return;
  }
  reject(make_error(ec::deadline,
                    "the job's binaries were not there in time: it was not "
                    "started and will not run"));
}

void job_actor_state::release_binaries() {
  if (!taken || taken->lease.release())
    self->send(spec.services->binaries, atom::release_v, record.id);
}

} // namespace hearth
