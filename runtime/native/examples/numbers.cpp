// A result that is sent while it is written: { count = 1000000 }

#include <cstdint>
#include <hearth/job.hpp>

namespace {

struct numbers {
  std::uint64_t validate(hearth::context&, const hearth::config& config) {
    return config.get<std::uint64_t>("count");
  }

  // Waits where the server cannot keep up, and ends if the job is killed.
  void run(hearth::context&, std::uint64_t count, hearth::json_writer& out) {
    out.begin_array();
    for (std::uint64_t i = 0; i < count; ++i)
      out.write(i);
    out.end_array();
  }
};

} // namespace

HEARTH_JOB(numbers)
