/// The program `hearthd`, from its command line to its exit code.
#pragma once

#include "apps/faults.hpp"

namespace hearth {

/// Runs a server until it is told to stop.
/// @returns the exit code: 0 if it stopped, 1 if it could not start or go on,
///          2 for a wrong setting, 3 if it stopped but gave up a step of that
int serve(int argc, char** argv, node_faults faults = {});

} // namespace hearth
