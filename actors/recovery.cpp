#include "actors/recovery.hpp"

#include <csignal>

#include "actors/identity.hpp"

namespace hearth {

recovered recover(store& db, launch::launcher& processes) {
  recovered result;
  auto contexts = db.live_contexts();
  auto jobs = db.live_jobs();
  for (auto& x : contexts) {
    // Watched first: only a process that is watched is known to be that one.
    if (x.process.pid == 0
        || !processes.watch(x.process, [](const launch::process_exit&) {}))
      continue;
    processes.signal_group(x.process, SIGKILL);
    processes.forget(x.process);
    ++result.processes;
  }
  if (contexts.empty() && jobs.empty())
    return result;
  auto now = now_ms();
  db.transaction(durability::flushed, [&] {
    for (auto& x : contexts) {
      x.state = context_state::error;
      x.end_time = now;
      x.reason = {"the server was killed while the context ran; its process "
                  "was ended when the server started again",
                  {},
                  {},
                  {}};
      db.put(x);
    }
    for (auto& x : jobs) {
      auto what = "Unexpected termination of context " + x.context_name
                  + ": the server was killed";
      auto error_class
        = std::string{"spark.jobserver.ContextTerminatedException"};
      db.update({x.id,
                 job_state::error,
                 now,
                 {what, error_class, error_class + ": " + what, {}},
                 {}});
    }
  });
  result.contexts = contexts.size();
  result.jobs = jobs.size();
  return result;
}

} // namespace hearth
