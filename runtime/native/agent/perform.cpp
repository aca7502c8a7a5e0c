#include "runtime/native/agent/perform.hpp"

#include "runtime/native/agent/crash.hpp"
#include "runtime/native/agent/text.hpp"

namespace hearth::native {

protocol::failure failure_of(const std::string& what, const char* type) {
  return {clean(what), type, clean(std::string{type} + ": " + what)};
}

void perform(hearth_run& run, libraries& known) {
  auto refuse
    = [&](protocol::refusal reason, const std::string& what, const char* type) {
        run.refused(reason, failure_of(what, type));
      };
  try {
    crash_label label{run.job.job};
    auto found = known.find(run.job.binaries, run.job.main_class);
    if (!found.job)
      return refuse(protocol::refusal::class_not_found,
                    "there is no job " + run.job.main_class
                      + "; there are: " + found.known,
                    "hearth::job_not_found");
    run.scope = std::move(found.digest);
    found.job->perform(&host, &run);
  } catch (const load_error& e) {
    refuse(protocol::refusal::loading_failed, e.what(), "hearth::load_error");
  }
}

} // namespace hearth::native
