/// posix_spawn with all that a context's process needs. Internal to
/// runtime/launch.
#pragma once

#include <sys/types.h>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// Starts a child, to be reaped by the caller. It leads a session and a process
/// group of its own, has no descriptor but its stdin and the log file
/// as stdout and stderr, and no blocked or ignored signal.
/// @throws launch_error
pid_t spawn(const process_spec& spec);

} // namespace hearth::launch
