/// What a server finds when it starts: contexts and jobs that an earlier one
/// left unfinished, because it was killed or detached itself.
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
  std::size_t ended_processes = 0; ///< of those contexts, that still lived
};

/// Finds the contexts whose processes live, or that were between two processes,
/// and what ran in them. Ends the others, and stores them and their jobs with
/// the reason. Blocks; runs before any actor does.
/// @param data_dir where the start files of contexts lie, with the tokens
/// @param defaults the policy of contexts whose settings say nothing: whether
///        one whose process is gone comes back
/// @throws store_error
recovered recover(store& db, launch::launcher& processes,
                  const std::string& data_dir, const context_policy& defaults);

} // namespace hearth
