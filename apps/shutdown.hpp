/// Stops a server in order and within a time limit, even if something hangs.
/// The composition root calls it.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "apps/event_loop.hpp"
#include "apps/parts.hpp"
#include "conf/settings.hpp"
#include "http/wire/server.hpp"
#include "runtime/link/agent_server.hpp"

namespace hearth {

/// The parts of the server that a stop ends.
struct stop_subject {
  event_loop& loop;
  hearth::parts& parts;
  http::server* http;         ///< null if it was not made
  link::agent_server* agents; ///< null if it was not made
};

struct stop_rules {
  conf::shutdown_mode mode = conf::shutdown_mode::stop;
  std::chrono::milliseconds limit{30'000};
  bool drain = true; ///< false if no request was ever served
  /// Called before each step, with its name.
  std::function<void(const char* step)> on_step = [](const char*) {};
};

/// Answers the requests under way; stops the contexts as a client's DELETE does
/// (by force when two thirds of their time are over), or leaves them to the
/// next server; flushes the store; and ends every part and the loop. A step
/// that hangs is given up at its limit, and the next one begins. No promise is
/// lost by that, because a promise is on the disk before it is given.
///
/// Blocks. The thread that made the loop calls it. If a step was given up,
/// neither the loop nor the parts may be destroyed.
/// @returns a phrase for each step that was given up; empty if all has ended
std::vector<std::string> stop_server(const stop_subject& subject,
                                     const stop_rules& rules);

} // namespace hearth
