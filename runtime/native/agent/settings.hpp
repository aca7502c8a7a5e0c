/// What a context's settings say to its agent.
#pragma once

#include <string>

#include "runtime/protocol/start_file.hpp"

namespace hearth::native {

/// The setting `num-cpu-cores`, else all there are.
unsigned cores(const protocol::start_file& start);

/// The setting `isolate`: whether each job runs in a process of its own.
/// @throws std::invalid_argument if it is neither `process` nor `none`
bool isolates(const protocol::start_file& start);

} // namespace hearth::native
