/// The actor that remembers the last progress report of each running job.
#pragma once

#include <map>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"

namespace hearth {

struct progress_state {
  static inline const char* name = "progress";

  std::map<std::string, job_progress> jobs; ///< only jobs with a report
  millis since = 0;
};

progress_actor::behavior_type
progress(progress_actor::stateful_pointer<progress_state> self);

} // namespace hearth
