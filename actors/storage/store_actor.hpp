/// The actor of the database. Writes that wait in its mailbox become
/// one transaction (group commit): the first of them sends the actor a `flush`,
/// which arrives behind all that was waiting by then.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/storage/replay_buffer.hpp"
#include "actors/storage/shared_store.hpp"
#include "conf/settings.hpp"
#include "store/store.hpp"

namespace hearth {

struct store_spec {
  conf::flush_policy flush = conf::flush_policy::promised;
  conf::retention_settings retain;
  /// Told the ids of jobs that the store has just forgotten, so that what else
  /// belongs to them can go. Runs on the store's thread and may block on the
  /// disk; must not throw. A server that dies before it was called forgets
  /// that it had to.
  std::function<void(const std::vector<std::string>& jobs)> on_forgotten{};
  /// The same of contexts.
  std::function<void(const std::vector<std::string>& contexts)>
    on_forgotten_contexts{};
};

struct store_state {
  static inline const char* name = "store";

  // -- fixed --
  std::shared_ptr<shared_store> database;
  store_spec spec;
  millis since = 0;

  // -- the batch that is being collected --
  std::vector<store_write> writes;
  std::vector<caf::typed_response_promise<atom::ok>> promises;
  bool flushed = false; ///< whether the batch has to reach the disk

  // -- while the connection to the database is lost --
  std::string lost;                   ///< what it last said; "": all is well
  std::chrono::milliseconds pause{0}; ///< before the next attempt
  store_backlog backlog;              ///< for when it is back

  // -- forgetting --
  std::int32_t inserted = 0;        ///< since the last time
  std::int32_t forget_at_once = 64; ///< adapts to what the disk can do
};

/// How a transaction is committed, as the settings have it.
/// @param promised its answer is a promise
durability needed(const store_state& st, bool promised);

/// Forgets a few ended jobs and contexts.
/// @returns whether more are due
/// @throws store_error
bool forget_some(store_state& st);

/// Spawn it detached: it blocks on the disk.
store_actor::behavior_type
store_keeper(store_actor::stateful_pointer<store_state> self,
             std::shared_ptr<shared_store> database, store_spec spec);

} // namespace hearth
