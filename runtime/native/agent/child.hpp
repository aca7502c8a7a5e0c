/// The process of one isolated job.
#pragma once

#include <string>

#include "runtime/native/agent/zygote.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth::native {

/// Takes one run_job frame from the socket, runs it, and says what there is to
/// say of it on the same socket; ends the process if the socket is closed.
void run_child(const protocol::start_file& start, const std::string& folder,
               owned_fd frames) noexcept;

} // namespace hearth::native
