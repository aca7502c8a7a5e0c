/// Spawns the long-lived actors of a server, which are called its parts, each
/// with a name. The process keeps a list of the parts that live, so that a stop
/// can say which of them did not end.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/spawn_options.hpp>

namespace hearth {

/// Called by each part as it starts, on the part's own thread.
using part_hook
  = std::function<void(const std::string& part, caf::scheduled_actor& self)>;

/// Sets the hook, with which tests put faults into parts; the server itself
/// sets none. Call it before any part is spawned, and on one thread.
void set_part_hook(part_hook hook);

/// Returns the names of the parts that have started and not ended yet, sorted.
/// Any thread may call it.
std::vector<std::string> living_parts();

/// Enters a part into the list of living parts, until it ends, and calls the
/// hook. The part itself calls it, before its behavior exists.
void begin_part(const std::string& name, caf::scheduled_actor& self);

/// Spawns a part as an actor with the behavior that `make(self, xs...)`
/// returns.
/// @param host an actor system or an actor
/// @returns its typed handle
template <caf::spawn_options Options = caf::no_spawn_options, class Host,
          class Behavior, class Self, class... Params, class... Ts>
auto spawn_part(Host& host, std::string name, Behavior (*make)(Self, Params...),
                Ts... xs) {
  return host.template spawn<Options>(
    [name = std::move(name), make, ... xs = std::move(xs)](Self self) mutable {
      begin_part(name, *self);
      return Behavior{make(self, std::move(xs)...)};
    });
}

/// Spawns a part once, as a monitored child of its keeper.
using part_factory = std::function<caf::actor(caf::event_based_actor& keeper,
                                              const std::string& name)>;

/// Makes a factory of actors with the behavior that `make(self, xs...)`
/// returns. Each actor gets copies of the arguments.
template <caf::spawn_options Options = caf::no_spawn_options, class Behavior,
          class Self, class... Params, class... Ts>
part_factory lives_of(Behavior (*make)(Self, Params...), Ts... xs) {
  return [make, ... xs = std::move(xs)](caf::event_based_actor& keeper,
                                        const std::string& name) {
    return caf::actor_cast<caf::actor>(
      spawn_part<Options + caf::monitored>(keeper, name, make, xs...));
  };
}

} // namespace hearth
