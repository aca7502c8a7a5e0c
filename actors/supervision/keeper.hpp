/// A keeper is an actor that keeps one part of the server alive: it spawns the
/// part, monitors it, and spawns it again when it has died.
///
///   running ──the part died──> pausing ──pause over──> running
///      │                          │
///      └────────── exit ──────────┴──> the part ends, then the keeper
///
/// All other actors use the keeper's handle for the part, which stays valid
/// over any number of restarts. The keeper forwards every message with its
/// original sender, so the part answers that sender directly. During a pause a
/// request is answered with ec::overloaded at once, and a message that expects
/// no answer is dropped.
///
/// Only a part that can begin with an empty memory may have a keeper.
/// Forwarding costs one more message for each message, so no part that a small
/// job needs has one.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/supervision/part.hpp"

namespace hearth {

/// Decides how long a keeper waits before it spawns its part again.
class restart_pause {
public:
  using clock = std::chrono::steady_clock;

  static constexpr std::chrono::milliseconds first{100};
  static constexpr std::chrono::milliseconds longest{10'000};
  /// After a part lived for this long, the pause is the shortest one again.
  static constexpr std::chrono::minutes good_life{1};

  /// Call it when the part has died after living for that time.
  /// @returns the pause, which is twice the last one
  std::chrono::milliseconds after(clock::duration life) noexcept;

private:
  std::chrono::milliseconds next_ = first;
};

struct keeper_state {
  static inline const char* name = "keeper";

  std::string part_name;
  part_factory make;
  caf::actor part; ///< null: it has died, and a pause is under way
  restart_pause pause;
  restart_pause::clock::time_point begun;
  bool ending = false;
};

caf::behavior keeper(caf::stateful_actor<keeper_state>* self, std::string name,
                     part_factory make);

/// Spawns a part with a keeper.
/// @param host an actor system or an actor
/// @tparam Handle the typed handle by which others use the part
template <class Handle, class Host>
Handle keep(Host& host, std::string name, part_factory make) {
  return caf::actor_cast<Handle>(
    caf::actor{host.spawn(keeper, std::move(name), std::move(make))});
}

} // namespace hearth
