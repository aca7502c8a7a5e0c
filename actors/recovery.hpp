/// What a server finds when it starts: contexts and jobs that an earlier one
/// left unfinished because it was killed.
#pragma once

#include <cstddef>

#include "runtime/launch/launcher.hpp"
#include "store/store.hpp"

namespace hearth {

struct recovered {
  std::size_t contexts = 0;
  std::size_t jobs = 0;
  std::size_t processes = 0; ///< of those contexts, that still lived
};

/// Ends the processes of such contexts and stores the contexts and their jobs
/// as ERROR, with that reason. Blocks; runs before any actor does.
/// @throws store_error
recovered recover(store& db, launch::launcher& processes);

} // namespace hearth
