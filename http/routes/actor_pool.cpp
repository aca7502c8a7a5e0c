#include "http/routes/actor_pool.hpp"

#include <utility>

#include <caf/all.hpp>

namespace hearth::http {

namespace {

caf::behavior pooled_actor(caf::event_based_actor* self) {
  return {[self](pooled_task& task) {
    // Not kept in the message, which lives until the next one.
    std::exchange(task.run, {})(self);
  }};
}

/// CAF keeps the deadline of an answered request, and with it its actor.
void drop_deadlines(caf::event_based_actor* self) {
  self->home_system().clock().cancel_timeouts(self);
}

} // namespace

void actor_pool::run(caf::actor_system& system, pooled_task what) {
  caf::actor one;
  {
    std::lock_guard guard{mutex_};
    if (!idle_.empty()) {
      one = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!one)
    one = system.spawn(pooled_actor);
  caf::anon_send(one, std::move(what));
}

void actor_pool::give_back(caf::event_based_actor* self) {
  drop_deadlines(self);
  std::lock_guard guard{mutex_};
  if (!closed_ && idle_.size() < most_idle)
    idle_.emplace_back(self);
  else
    self->quit();
}

void actor_pool::retire(caf::event_based_actor* self) {
  drop_deadlines(self);
  self->quit();
}

void actor_pool::close() {
  std::lock_guard guard{mutex_};
  closed_ = true;
  idle_.clear();
}

} // namespace hearth::http
