/// An isolated job, as the agent sees it.
#pragma once

#include "runtime/native/agent/run.hpp"
#include "runtime/native/agent/zygote.hpp"

namespace hearth::native {

/// Runs the job in a child of the zygote and waits for its end on the calling
/// thread. What the child says is said to `run`, as if the job ran here; a
/// child that ends without a word has crashed. A job that has to stop is told
/// so, then gets SIGTERM, then SIGKILL.
void perform_isolated(hearth_run& run, zygote& children);

} // namespace hearth::native
