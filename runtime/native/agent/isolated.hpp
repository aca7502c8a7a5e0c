/// Runs an isolated job from the agent's side.
#pragma once

#include "runtime/native/agent/run.hpp"
#include "runtime/native/agent/zygote.hpp"

namespace hearth::native {

/// Runs the job in a child of the zygote and waits for its end on the calling
/// thread. Everything that the child reports is passed on to `run`, as if the
/// job ran here. A child that ends without a report has crashed. A job that has
/// to stop is asked to, then gets SIGTERM, then SIGKILL.
void perform_isolated(hearth_run& run, zygote& children);

} // namespace hearth::native
