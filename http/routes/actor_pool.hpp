/// A pool of actors that ask other actors on behalf of requests.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>

namespace hearth::http {

/// A task for an actor of a pool. When it has ended, which may be in a handler
/// that it waits for, it has to call `actor_pool::give_back` or
/// `actor_pool::retire`.
struct pooled_task {
  std::function<void(caf::event_based_actor*)> run;
};

/// Making and ending an actor costs more than all that it does for a request.
/// So actors that have ended a task wait here for the next one. Each has one
/// task at a time. Thread-safe.
class actor_pool {
public:
  actor_pool() = default;
  actor_pool(const actor_pool&) = delete;
  actor_pool& operator=(const actor_pool&) = delete;

  /// Lets an idle actor, or a new one, run the task on the actor's thread.
  void run(caf::actor_system& system, pooled_task what);

  /// Gives back an actor for the next task. Call it on the actor's thread, and
  /// only if no answer to the actor is outstanding. If it is not needed, it
  /// ends when no handle refers to it.
  void give_back(caf::event_based_actor* self);

  /// Ends an actor, even if handles still refer to it. Call it on the actor's
  /// thread.
  void retire(caf::event_based_actor* self);

  /// Ends all idle actors, and the others once they are given back.
  void close();

private:
  /// How many idle actors wait at most. Surplus actors of a burst end.
  static constexpr std::size_t most_idle = 256;

  std::mutex mutex_;
  bool closed_ = false;
  std::vector<caf::actor> idle_;
};

} // namespace hearth::http

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::http::pooled_task)
