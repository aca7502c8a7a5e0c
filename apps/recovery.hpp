/// Finds, when a server starts, the contexts and jobs that an earlier server
/// left unfinished, because it was killed or told to detach. Decides by
/// actors/contexts/recovery_rules.hpp what becomes of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "actors/contexts/supervisor.hpp"
#include "runtime/launch/launcher.hpp"
#include "store/store.hpp"

namespace hearth {

struct recovered {
  std::vector<leftover_context> contexts; ///< to be taken over
  std::size_t ended_contexts = 0;
  std::size_t ended_jobs = 0;
  std::size_t ended_processes = 0; ///< processes of contexts that were killed
};

/// Finds the contexts whose processes live, or that were between two processes,
/// and the jobs in them. Ends all other contexts, and stores their ends and
/// those of their jobs with the reason. Blocks; it runs before any actor does.
/// @param data_dir has the start files of contexts, with their tokens
/// @param defaults the policy of contexts whose settings do not say otherwise;
///        it decides whether a context whose process is gone gets another one
/// @throws store_error
recovered recover(store& db, launch::launcher& processes,
                  const std::string& data_dir, const context_policy& defaults);

} // namespace hearth
