#include "http/clerks.hpp"

#include <utility>

#include <caf/all.hpp>

namespace hearth::http {

namespace {

caf::behavior clerk(caf::event_based_actor* self) {
  return {[self](errand& x) {
    // Not kept in the message, which lives until the next one.
    std::exchange(x.run, {})(self);
  }};
}

/// CAF keeps the deadline of an answered request, and with it its actor.
void drop_deadlines(caf::event_based_actor* self) {
  self->home_system().clock().cancel_timeouts(self);
}

} // namespace

void clerks::send(caf::actor_system& system, errand what) {
  caf::actor one;
  {
    std::lock_guard guard{mutex_};
    if (!idle_.empty()) {
      one = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!one)
    one = system.spawn(clerk);
  caf::anon_send(one, std::move(what));
}

void clerks::back(caf::event_based_actor* self) {
  drop_deadlines(self);
  std::lock_guard guard{mutex_};
  if (!dismissed_ && idle_.size() < most)
    idle_.emplace_back(self);
  else
    self->quit();
}

void clerks::leave(caf::event_based_actor* self) {
  drop_deadlines(self);
  self->quit();
}

void clerks::dismiss() {
  std::lock_guard guard{mutex_};
  dismissed_ = true;
  idle_.clear();
}

} // namespace hearth::http
