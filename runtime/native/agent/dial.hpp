/// Opens the connection to the server.
#pragma once

#include <chrono>
#include <string>

namespace hearth::native {

/// Connects to the Unix socket of that path, or, where there is none (the path
/// is empty or too long, no server is behind it, it is another user's), to the
/// `host:port` that `endpoint_file` names; it is read for each dial, for a
/// server that was started again may listen elsewhere. A write that makes no
/// progress for `write_timeout` fails.
/// @returns a blocking socket, or -1
int dial(const std::string& endpoint_socket, const std::string& endpoint_file,
         std::chrono::milliseconds write_timeout);

} // namespace hearth::native
