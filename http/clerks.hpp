/// Actors that run the edge's errands, one at a time each.
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

/// What a clerk does; it then calls `clerks::back` or `clerks::leave`, now or
/// in what it waits for.
struct errand {
  std::function<void(caf::event_based_actor*)> run;
};

/// To make an actor and to end it costs more than all that it does for a
/// request, so those that are back wait here for the next one. Thread-safe.
class clerks {
public:
  clerks() = default;
  clerks(const clerks&) = delete;
  clerks& operator=(const clerks&) = delete;

  /// Sends one that has nothing else to do, on its own thread.
  void send(caf::actor_system& system, errand what);

  /// It may be sent again, or ends. On its thread, and only if nobody is to
  /// answer it any more: it ends when nobody knows it.
  void back(caf::event_based_actor* self);

  /// It ends, whoever knows it. On its thread.
  void leave(caf::event_based_actor* self);

  /// Ends all that have nothing to do, and the others once they are back.
  void dismiss();

private:
  /// How many wait at most; what a burst has left over ends.
  static constexpr std::size_t most = 256;

  std::mutex mutex_;
  bool dismissed_ = false;
  std::vector<caf::actor> idle_;
};

} // namespace hearth::http

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::http::errand)
