// The binaries of a job: in use from before it is sent until it is over.

#include <caf/all.hpp>

#include "actors/api/error.hpp"
#include "actors/binaries/registry.hpp"
#include "actors/jobs/job.hpp"

namespace hearth {

caf::result<job_record> job_actor_state::run() {
  auto promise = self->make_response_promise<job_record>();
  client = promise;
  auto& x = spec.request;
  // Before all that may end it at once.
  self->delayed_send(self, std::chrono::milliseconds{x.timeout_ms},
                     atom::expire_v, atom::wait_v);
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

void job_actor_state::release_binaries() {
  if (!taken || taken->lease.release())
    self->send(spec.services->binaries, atom::release_v, record.id);
}

} // namespace hearth
