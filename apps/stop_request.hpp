/// How the main thread learns that the server is to end.
///
/// It does not depend on the event loop: a server whose loop hangs obeys
/// SIGTERM all the same.
#pragma once

#include <string>

namespace hearth {

/// From now on SIGTERM and SIGINT wake `await_stop_request` instead of ending
/// the process.
void catch_stop_signals();

/// The server cannot go on, for that reason. Only the first reason counts. Any
/// thread.
void request_stop(std::string why);

/// Blocks until a signal came or `request_stop` was called.
/// @returns the reason; "": it was a signal
std::string await_stop_request();

} // namespace hearth
