/// Tells the thread of `main` that the server has to end. It does not depend on
/// the event loop, so a server whose loop hangs still obeys SIGTERM.
#pragma once

#include <string>

namespace hearth {

/// From now on SIGTERM and SIGINT wake `await_stop_request` instead of ending
/// the process.
void catch_stop_signals();

/// Asks for the end of a server that cannot go on, for that reason. Only the
/// first reason counts. Any thread may call it.
void request_stop(std::string reason);

/// Blocks until a signal arrives or `request_stop` is called.
/// @returns the reason; "" for a signal
std::string await_stop_request();

} // namespace hearth
