/// Actors that are used again.
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

/// What an actor of a pool does; at its end, now or in what it waits for, it
/// calls `actor_pool::give_back` or `actor_pool::retire`.
struct pooled_task {
  std::function<void(caf::event_based_actor*)> run;
};

/// To make an actor and to end it costs more than all that it does for a
/// request, so those that are done wait here for the next one. Each has one
/// task at a time. Thread-safe.
class actor_pool {
public:
  actor_pool() = default;
  actor_pool(const actor_pool&) = delete;
  actor_pool& operator=(const actor_pool&) = delete;

  /// Has an actor that is idle, or a new one, do that, on its own thread.
  void run(caf::actor_system& system, pooled_task what);

  /// It may be used again, or ends. On its thread, and only if nobody is to
  /// answer it any more: it ends when nobody knows it.
  void give_back(caf::event_based_actor* self);

  /// It ends, whoever knows it. On its thread.
  void retire(caf::event_based_actor* self);

  /// Ends all that are idle, and the others once they are given back.
  void close();

private:
  /// How many wait at most; what a burst has left over ends.
  static constexpr std::size_t most_idle = 256;

  std::mutex mutex_;
  bool closed_ = false;
  std::vector<caf::actor> idle_;
};

} // namespace hearth::http

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::http::pooled_task)
