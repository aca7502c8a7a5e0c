/// The actor that owns the database. Writes that wait in its mailbox become
/// one transaction (group commit): the first of them sends the actor a `flush`,
/// which arrives behind all that was waiting by then.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/protocol.hpp"
#include "conf/settings.hpp"
#include "store/store.hpp"

namespace hearth {

struct store_state {
  static inline const char* name = "store";

  // -- fixed --
  std::unique_ptr<store> database;
  conf::flush_policy policy = conf::flush_policy::promised;
  millis since = 0;

  // -- the batch that is being collected --
  std::vector<std::function<void(store&)>> writes;
  std::vector<caf::typed_response_promise<atom::ok>> promises;
  bool flushed = false; ///< whether the batch has to reach the disk
};

/// Spawn it detached: it blocks on the disk.
store_actor::behavior_type
store_keeper(store_actor::stateful_pointer<store_state> self,
             std::shared_ptr<std::unique_ptr<store>> database,
             conf::flush_policy policy);

} // namespace hearth
