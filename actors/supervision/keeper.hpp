/// A keeper holds one part of the server alive: it spawns the part, monitors
/// it, and spawns it again when it has died.
///
///   running ──the part died──> pausing ──pause over──> running
///      │                          │
///      └────────── exit ──────────┴──> the part ends, then the keeper
///
/// Everybody else knows the part by its keeper's handle, which stays valid over
/// any number of restarts. The keeper forwards every message together with its
/// sender, so that an answer goes straight to whoever asked. A request that
/// arrives during a pause is answered with ec::overloaded at once; a message
/// that nobody waits for is dropped then.
///
/// Only a part that can begin with an empty memory may have a keeper. A keeper
/// costs a message to each message, so no part on the way of a small job has
/// one.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/supervision/part.hpp"

namespace hearth {

/// How long a keeper waits before it spawns its part again.
class restart_pause {
public:
  using clock = std::chrono::steady_clock;

  static constexpr std::chrono::milliseconds first{100};
  static constexpr std::chrono::milliseconds longest{10'000};
  /// A part that lived for that long begins with the shortest pause again.
  static constexpr std::chrono::minutes good_life{1};

  /// The part has died after that long. @returns the pause: twice the last one
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

/// Spawns a part with a keeper. @param host an actor system or an actor
/// @tparam Handle what the part is to others
template <class Handle, class Host>
Handle keep(Host& host, std::string name, part_factory make) {
  return caf::actor_cast<Handle>(
    caf::actor{host.spawn(keeper, std::move(name), std::move(make))});
}

} // namespace hearth
