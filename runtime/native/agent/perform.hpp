/// Runs a job's code.
#pragma once

#include <string>

#include "runtime/native/agent/library.hpp"
#include "runtime/native/agent/run.hpp"

namespace hearth::native {

/// As it is told to the server, with a stack that repeats it.
protocol::failure failure_of(const std::string& what, const char* type);

/// Finds the job in its libraries and runs it on the calling thread, or says to
/// `run` why not.
void perform(hearth_run& run, libraries& known);

} // namespace hearth::native
