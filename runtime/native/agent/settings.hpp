/// Reads the settings of a context that concern its agent.
#pragma once

#include <string>

#include "runtime/protocol/start_file.hpp"

namespace hearth::native {

/// Returns the setting `num-cpu-cores`; if it is not set, the number of cores
/// of the machine.
unsigned cores(const protocol::start_file& start);

/// Returns the setting `isolate`: whether each job runs in a process of its
/// own.
/// @throws std::invalid_argument if it is neither `process` nor `none`
bool isolates(const protocol::start_file& start);

} // namespace hearth::native
