/// What the program `hearthd` does from its command line to its exit code.
#pragma once

#include "apps/faults.hpp"

namespace hearth {

/// Runs a server until it is told to stop. @returns the exit code: 0 stopped,
/// 1 could not start or go on, 2 a wrong setting, 3 stopped but gave something
/// up
int serve(int argc, char** argv, node_faults faults = {});

} // namespace hearth
