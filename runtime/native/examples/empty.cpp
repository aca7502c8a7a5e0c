// A job that does nothing, to measure the time that the server takes.

#include <hearth/job.hpp>

namespace {

struct empty {
  void run(hearth::context&, const hearth::config&) {
    // nop
  }
};

} // namespace

HEARTH_JOB(empty)
