/// Calls posix_spawn with everything that a context's process needs. Internal
/// to runtime/launch.
#pragma once

#include <sys/types.h>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// Starts a child, which the caller has to reap. The child leads a session and
/// a process group of its own. It has no descriptors but its stdin, and the log
/// file as stdout and stderr, and no blocked or ignored signals.
/// @throws launch_error
pid_t spawn(const process_spec& spec);

} // namespace hearth::launch
