/// Runs the code of a job.
#pragma once

#include <string>

#include "runtime/native/agent/library.hpp"
#include "runtime/native/agent/run.hpp"

namespace hearth::native {

/// Makes a failure for the server, with a stack that repeats type and message.
protocol::failure failure_of(const std::string& what, const char* type);

/// Finds the job in its libraries and runs it on the calling thread. If that is
/// not possible, tells `run` why.
void perform(hearth_run& run, libraries& known);

} // namespace hearth::native
