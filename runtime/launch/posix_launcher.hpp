/// The launcher for real processes (Linux: posix_spawn, pidfds, /proc).
#pragma once

#include <memory>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// Its destructor ends its thread, not the processes: contexts may outlive the
/// server.
///
/// A child that ended is not reaped before `forget`: as long as it is a zombie,
/// the kernel gives its number, which is also that of its process group, to
/// nobody else, and so a signal to the group cannot meet a stranger.
std::unique_ptr<launcher> make_posix_launcher();

} // namespace hearth::launch
