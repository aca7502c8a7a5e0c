/// Asks every part of the server for its status, for `/admin/actors`,
/// `/metricz` and `/healthz`.
#pragma once

#include <functional>
#include <vector>

#include "actors/api/messages.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// How much a sweep asks for.
enum class sweep_depth {
  parts,   ///< a line for each part, whose cost does not depend on what runs
  contexts ///< also a line for each context and each job
};

using sweep_handler = std::function<void(std::vector<actor_status>&&)>;

/// Calls `done` once, on an actor's thread, when every part has answered or
/// `deadlines::health` is over. A part that did not answer has a line with the
/// state `status_silent` or `status_ended`.
void sweep_status(const route_env& e, sweep_depth depth, sweep_handler done);

} // namespace hearth::http
