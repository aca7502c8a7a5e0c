/// The actor of the database.
///
/// Writes that wait in its mailbox become one transaction (group commit). The
/// first of them makes the actor send itself a `commit`, which arrives after
/// all writes that were waiting by then. A batch is bounded in number and in
/// bytes, and a write that fails takes no other with it.
///
/// While another process holds the database, writes wait for up to 5 s and are
/// then refused; reads go on. While the connection is lost, all requests are
/// refused at once.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <caf/expected.hpp>
#include <caf/response_promise.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/storage/group_commit.hpp"
#include "actors/storage/list_reader.hpp"
#include "actors/storage/replay_buffer.hpp"
#include "conf/settings.hpp"

namespace hearth {

struct store_spec {
  conf::flush_policy flush = conf::flush_policy::promised;
  conf::retention_settings retain;
  /// Called with the ids of jobs that the store has just forgotten, so that
  /// their files can be removed. Runs on the store's thread and may block on
  /// the disk; must not throw. It is not called for jobs that a server forgot
  /// just before it died.
  std::function<void(const std::vector<std::string>& jobs)> on_forgotten{};
  /// The same for contexts.
  std::function<void(const std::vector<std::string>& contexts)>
    on_forgotten_contexts{};
};

/// A write that waits for its commit, and its answer.
struct batched_write {
  store_write write;
  durability how = durability::lazy;
  caf::response_promise promise{};      ///< empty if nobody waits
  std::shared_ptr<key_claim> claimed{}; ///< the answer; if null, it is `ok`
  caf::actor_clock::time_point since{}; ///< when the request arrived
};

struct store_actor_state {
  static inline const char* name = "store";

  using pointer = store_actor::stateful_pointer<store_actor_state>;

  explicit store_actor_state(pointer selfptr) : self(selfptr) {
    // nop
  }

  void start(std::shared_ptr<store> opened, store_spec x);

  // -- writes (batch.cpp) --

  /// Adds a write to the batch; answered after its commit.
  caf::result<atom::ok> add(durability how, store_write write);

  /// Adds a write that nobody waits for. If it cannot be made now, it is made
  /// when the database is back, in its order among all others.
  void add_unawaited(store_function write);

  /// Takes a key; answered with the stored claim.
  caf::result<key_claim> add_claim(key_claim x);

  /// Commits the batch and answers each of its writes. While another process
  /// holds the database, this is left to `commit_now`, which runs regularly
  /// then.
  void commit();
  void commit_now();

  /// Commits the rest when the actor ends. It tries once to reach a database
  /// that is lost, and waits for a second at most for one that others hold.
  void commit_last();

  // -- reads --

  /// Reads, once the writes that came before are committed.
  /// @param f `store& -> caf::expected<T>`; may be called later
  template <class T, class F>
  caf::result<T> read(F f) {
    auto promise = self->make_response_promise<T>();
    after_commit([this, promise, f]() mutable {
      auto found = read_now<T>(f);
      if (found)
        promise.deliver(std::move(*found));
      else
        promise.deliver(std::move(found.error()));
    });
    return promise;
  }

  /// Commits all earlier writes, and lets the reader of lists answer.
  caf::result<std::vector<job_record>> list(const job_filter& filter);

  caf::result<std::vector<actor_status>> status();

  // -- retention (retention.cpp) --

  /// Counts an inserted job, so that retention keeps up.
  void count_insert();

  /// Forgets a few ended jobs and contexts. If more are due, goes on later, so
  /// that writes are made in between.
  void forget();

  // -- trouble (trouble.cpp) --

  /// Tries to reach the database after it was lost.
  void reconnect();

  /// Makes the error for a client. If the connection is lost, begins to try to
  /// reach the database again.
  caf::error to_error(const store_error& e);

  // -- fixed --
  pointer self;
  std::shared_ptr<store> database; ///< nobody else uses it
  store_spec spec;
  millis since = 0;
  list_reader_actor reader; ///< null: lists are read here

  // -- the batch that is being collected --
  std::deque<batched_write> batch;
  std::size_t batch_size = 0; ///< size of its texts, in bytes
  /// Reads that wait until the batch is committed.
  std::vector<std::function<void()>> readers;

  // -- while another process holds the database --
  std::optional<caf::actor_clock::time_point> locked_since;

  // -- while the connection to the database is lost --
  std::string lost; ///< the last error; "" if the connection is not lost
  std::chrono::milliseconds pause{0}; ///< before the next attempt
  replay_buffer replay;               ///< writes to be made first

  // -- retention --
  std::int32_t inserted = 0;        ///< since the last time
  std::int32_t forget_at_once = 64; ///< adapts to what the disk can do

private:
  /// Calls `f` when every write that came before has been committed or refused.
  /// It calls `f` at once if the batch is empty, or while another process holds
  /// the database, because reads go on then.
  ///
  /// Reads have to see those writes, though most are answered after their
  /// commit: a client may hear of a job before the job's record is committed,
  /// for example when a sync job takes longer than its client waits. But a read
  /// must not force a commit of its own. With many readers, each write would
  /// then have a flush for itself.
  void after_commit(std::function<void()> f);

  /// Calls the functions that wait in `readers`.
  void call_readers();

  template <class T, class F>
  caf::expected<T> read_now(F& f) {
    if (!lost.empty())
      return away();
    try {
      return f(*database);
    } catch (const store_error& e) {
      return to_error(e);
    }
  }

  void read_list(const job_filter& filter,
                 caf::typed_response_promise<std::vector<job_record>> promise);

  /// Returns how the settings want a transaction to be committed.
  /// @param promised whether a client relies on the answer
  durability needed(bool promised) const;

  void push(batched_write x);
  std::size_t next_part(bool& promised) const;
  bool commit_front();
  void answer(const commit_part& x, durability how);
  void fail_front(const caf::error& e, bool undo);
  caf::error too_many_wait() const;
  caf::error crowded() const;
  bool forget_some();
  caf::error away() const;
  void wait_for_lock(const store_error& e);
  void refuse_overdue();
  void reconnect_later(const store_error& e);
  void open_reader();
};

/// Spawn it detached: it blocks on the disk.
/// @param database used by nobody else from now on
store_actor::behavior_type
store_behavior(store_actor::stateful_pointer<store_actor_state> self,
               std::shared_ptr<store> database, store_spec spec);

} // namespace hearth
