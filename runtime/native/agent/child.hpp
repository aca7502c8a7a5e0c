/// What the process of one isolated job does. The zygote calls it after the
/// fork.
#pragma once

#include <string>

#include "runtime/native/agent/zygote.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth::native {

/// Reads one run_job frame from the socket, runs the job, and sends all frames
/// about it over the same socket. Ends the process if the socket is closed.
void run_child(const protocol::start_file& start, const std::string& folder,
               owned_fd frames) noexcept;

} // namespace hearth::native
