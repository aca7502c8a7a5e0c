/// Opens the connection to the server.
#pragma once

#include <chrono>
#include <string>

namespace hearth::native {

/// Connects to the Unix socket `endpoint_socket`. If that is not possible (the
/// path is empty or too long, no server listens there, or the socket is another
/// user's), connects to the `host:port` in `endpoint_file`. The file is read at
/// each call, because a restarted server may listen elsewhere. On the socket, a
/// write that makes no progress for `write_timeout` fails.
/// @returns a blocking socket, or -1
int dial(const std::string& endpoint_socket, const std::string& endpoint_file,
         std::chrono::milliseconds write_timeout);

} // namespace hearth::native
