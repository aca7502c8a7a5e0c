// A library that says it was built for another version of the job interface.

#include <hearth/abi.h>

extern "C" __attribute__((visibility("default"))) const hearth_library*
hearth_job_library() {
  static const hearth_library library{
    HEARTH_ABI_MAJOR + 1, 0, {"", 0}, nullptr, 0};
  return &library;
}
