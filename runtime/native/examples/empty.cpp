// A job that does nothing: what it takes is what the server takes.

#include <hearth/job.hpp>

namespace {

struct empty {
  void run(hearth::context&, const hearth::config&) {
    // nop
  }
};

} // namespace

HEARTH_JOB(empty)
