/// Ends the actors of a server in order and within a time.
#pragma once

#include <chrono>

#include <caf/actor_system.hpp>

#include "actors/api/interfaces.hpp"
#include "conf/settings.hpp"

namespace hearth {

/// Stops the contexts and waits until their processes are gone: first as a
/// client's DELETE does, after two thirds of `deadline` by force. Or detaches
/// itself: their processes live on. Then the roots end, the store last, with
/// all that was written to it committed. Blocks; called by main, never by an
/// actor.
/// @returns whether all contexts ended, or were let go of, in time
bool terminate(caf::actor_system& system, const actor_handles& actors,
               const drivers_actor& drivers, conf::shutdown_mode how,
               std::chrono::milliseconds deadline);

} // namespace hearth
