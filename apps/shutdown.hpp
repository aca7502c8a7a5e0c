/// Ends a server in order and within a time, whatever hangs.
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

/// What a stop ends, as far as it was made.
struct stop_subject {
  event_loop& loop;
  hearth::parts& parts;
  http::server* http;         ///< null: not made
  link::agent_server* agents; ///< null: not made
};

struct stop_rules {
  conf::shutdown_mode mode = conf::shutdown_mode::stop;
  std::chrono::milliseconds limit{30'000};
  bool drain = true; ///< false: nothing was ever served
  /// Called before each step, with its name.
  std::function<void(const char* step)> on_step = [](const char*) {};
};

/// Answers what is under way, stops the contexts as a client's DELETE does (by
/// force when two thirds of their time are over) or lets go of them, flushes
/// the store, and ends every part and the loop. A step that hangs is given up
/// at its limit, and the next one begins. Nothing that was promised is lost by
/// that: a promise is on the disk before it is given.
///
/// Blocks; called by the main thread. If something was given up, neither the
/// loop nor the parts may be destroyed.
/// @returns what was given up, a phrase each; empty: all has ended
std::vector<std::string> stop_server(const stop_subject& subject,
                                     const stop_rules& rules);

} // namespace hearth
