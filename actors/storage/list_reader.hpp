/// The actor that reads lists of jobs over a connection of its own. A list of
/// thousands takes as long as thousands of writes, so the store's actor, whose
/// child it is, leaves them to it.
#pragma once

#include <memory>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "store/store.hpp"

namespace hearth {

using list_reader_actor = caf::typed_actor<
  // Jobs, newest first. A list has everything that was committed before the
  // request. ec::store_failed.
  caf::replies_to<atom::list, job_filter>::with<std::vector<job_record>>>::
  extend_with<status_actor>;

struct list_reader_state {
  static inline const char* name = "list_reader";

  std::shared_ptr<store_reader> database;
  std::uint64_t parent = 0;
  millis since = 0;

  caf::result<std::vector<job_record>> list(const job_filter& filter);
};

/// Spawn it detached: it blocks on the database.
/// @param parent the id of the actor above it, for its status
list_reader_actor::behavior_type
list_reader(list_reader_actor::stateful_pointer<list_reader_state> self,
            std::shared_ptr<store_reader> database, std::uint64_t parent);

} // namespace hearth
