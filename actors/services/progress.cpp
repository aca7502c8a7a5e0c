#include "actors/services/progress.hpp"

#include "actors/api/status.hpp"
#include "base/clock.hpp"

namespace hearth {

progress_actor::behavior_type
progress(progress_actor::stateful_pointer<progress_state> self) {
  self->state.since = now_ms();
  return {
    [=](atom::put, const std::string& job, job_progress& x) {
      self->state.jobs[job] = std::move(x);
    },
    [=](atom::erase, const std::string& job) { self->state.jobs.erase(job); },
    [=](atom::get, const std::string& job) {
      auto i = self->state.jobs.find(job);
      return i == self->state.jobs.end() ? job_progress{} : i->second;
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return std::vector{own_status(self, "progress", "",
                                    std::to_string(st.jobs.size()) + " jobs", 0,
                                    st.since)};
    },
  };
}

} // namespace hearth
