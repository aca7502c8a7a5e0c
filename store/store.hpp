/// The interface to the database, which holds everything that survives the
/// server: jobs, contexts, binaries and their histories. One implementation
/// (soci_store) serves all databases. The store's actor owns it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "store/records.hpp"

namespace hearth {

/// What a transaction survives once it has returned. A `lazy` one survives a
/// crash of the server. A `flushed` one is on the disk, together with all lazy
/// ones before it, so it also survives a crash of the machine or the database.
enum class durability : std::uint8_t { lazy, flushed };

/// How many steps of one job or one context are remembered.
inline constexpr std::int32_t history_length = 200;

/// Why the database failed.
enum class store_trouble : std::uint8_t {
  refused, ///< it refused this statement; others may work
  full,    ///< no space is left on its device
  lost,    ///< the connection is gone or the disk failed: only a `reconnect`
           ///< helps, and a commit that failed may have taken place
  locked   ///< another process holds it: nothing was written, try again
};

class store_error : public std::runtime_error {
public:
  explicit store_error(const std::string& what,
                       store_trouble kind = store_trouble::refused)
    : std::runtime_error(what), kind_(kind) {}

  store_trouble kind() const noexcept {
    return kind_;
  }

  bool full() const noexcept {
    return kind_ == store_trouble::full;
  }

  bool lost() const noexcept {
    return kind_ == store_trouble::lost;
  }

  bool locked() const noexcept {
    return kind_ == store_trouble::locked;
  }

private:
  store_trouble kind_;
};

/// Reads lists over a connection of its own, so that a long list delays no
/// write. A list contains every transaction that was committed before the call,
/// and never half of one. One thread at a time may use it, which need not be
/// the store's. It connects when it is first used, and again after an error.
class store_reader {
public:
  virtual ~store_reader() = default;

  /// See `store::jobs`.
  /// @throws store_error
  virtual std::vector<job_record> jobs(const job_filter& filter) = 0;
};

/// Every member function throws `store_error` if the database fails. One thread
/// at a time may use it. All times are in milliseconds.
class store {
public:
  virtual ~store() = default;

  /// Connects again after an error that was `lost`, and makes sure that
  /// everything in the database is on its disk. May take seconds.
  /// @throws store_error if that fails; try again later
  virtual void reconnect() = 0;

  /// Sets how long a transaction waits for other processes that hold the
  /// database before it fails as `locked`. PostgreSQL waits for at least a
  /// second. The default is 5 s.
  virtual void set_lock_wait(std::chrono::milliseconds) {
    // nop
  }

  /// Makes a reader of lists with a connection of its own. It may be used after
  /// the store is gone.
  /// @returns null if the database can have one connection only, which is so
  ///          for one in memory
  virtual std::unique_ptr<store_reader> open_reader() {
    return nullptr;
  }

  /// Whether the database can lose lazy transactions while the server lives, as
  /// PostgreSQL can when it crashes. After a `reconnect` the caller then has to
  /// repeat all writes since the last flushed transaction. Each write below may
  /// be repeated for that, in the original order.
  virtual bool can_lose_lazy() const {
    return false;
  }

  /// Runs `writes`, which calls the writing functions below, as one
  /// transaction: either all of its writes are stored, or none. An error does
  /// not affect the next transaction, unless it is one of the disk. After such
  /// an error every transaction fails as `lost` until the next `reconnect`:
  /// after a failed flush nobody knows what the disk has, so nothing is
  /// promised on top of it.
  virtual void transaction(durability level,
                           const std::function<void()>& writes)
    = 0;

  // -- writes, only inside a transaction --

  /// Inserts the context, or replaces the one that is stored under its id. Adds
  /// an entry to its history if the state changed. Nothing is changed if its
  /// state would go backwards.
  virtual void put(const context_record& context) = 0;

  /// Inserts the job. Nothing is changed if its id is stored already.
  virtual void insert(const job_record& job) = 0;

  /// Forgets a job that has not ended, as if it had never been inserted.
  virtual void withdraw(const std::string& job) = 0;

  /// Moves a job forward. An update to `started` means that a job waited for a
  /// slot, has one now and is about to be sent. Nothing is changed if the job
  /// is in a final state, or if its state would go backwards.
  virtual void update(const job_update& change) = 0;

  /// Adds a step to the history of a stored job. Each history keeps only its
  /// newest `history_length` entries. Nothing is changed if the history has
  /// this very step already.
  virtual void put(const job_note& step) = 0;

  /// Adds a step to the history of a stored context, in the same way.
  virtual void put(const context_note& step) = 0;

  /// Notes that a stored job waits for a slot. Nothing is changed if the job
  /// has ended.
  virtual void enqueue(const queue_entry& entry) = 0;

  /// Notes that a job does not wait any more.
  virtual void dequeue(const std::string& job) = 0;

  /// Takes a key for a request, unless the key is taken already.
  /// @returns the claim that holds the key now
  virtual key_claim claim(const key_claim& wanted) = 0;

  /// Forgets a key.
  virtual void erase_key(const std::string& key) = 0;

  /// Forgets all keys that were taken before that time.
  virtual void erase_keys(millis before) = 0;

  /// Adds a version of a binary, unless that very version is stored already.
  virtual void put(const binary_record& version) = 0;

  /// Forgets all versions of a binary.
  virtual void erase_binary(const std::string& name) = 0;

  /// Forgets ended jobs with everything that belongs to them, in the order in
  /// which they arrived. A job that has not ended is never forgotten.
  /// @param limit how many at most, which bounds the transaction
  /// @returns their ids; no more are due if these are fewer than `limit`
  virtual std::vector<std::string> erase_jobs(const expiry& due,
                                              std::int32_t limit)
    = 0;

  /// Forgets ended contexts, in the same way.
  virtual std::vector<std::string> erase_contexts(const expiry& due,
                                                  std::int32_t limit)
    = 0;

  // -- reads --

  /// Returns the newest context of that name, which may have ended.
  virtual std::optional<context_record> context_by_name(const std::string& name)
    = 0;

  /// Returns the contexts whose state is not final, oldest first.
  virtual std::vector<context_record> live_contexts() = 0;

  /// Returns the jobs whose state is not final, oldest first, without their
  /// `config` and `result`.
  virtual std::vector<job_record> live_jobs() = 0;

  /// Returns the job with its result, without its `config`.
  virtual std::optional<job_record> job(const std::string& id) = 0;

  /// Returns the history of a job. Its first entries follow from the job's
  /// record.
  virtual std::optional<state_history> job_history(const std::string& id) = 0;

  /// Returns the history of the newest context of that name.
  virtual std::optional<state_history> context_history(const std::string& name)
    = 0;

  /// Returns the jobs that wait for a slot, and those that waited and were
  /// sent, in no particular order.
  virtual std::vector<queue_entry> queued_jobs() = 0;

  /// Returns the configuration of a job, as JSON.
  virtual std::optional<std::string> job_config(const std::string& id) = 0;

  /// Returns the selected jobs, newest first, without their `config` and
  /// `result`.
  virtual std::vector<job_record> jobs(const job_filter& filter) = 0;

  /// Returns every version of every binary, oldest first.
  virtual std::vector<binary_record> binaries() = 0;
};

/// Opens the database at `url`, and makes or migrates its tables.
/// @param url `sqlite:PATH`, where PATH may be `:memory:`, or
///        `postgresql://USER@HOST:PORT/DATABASE`, as libpq takes it
/// @param password_file the first line is the password for PostgreSQL; "": it
///        is in the url or where libpq looks for it
/// @throws store_error if the database cannot be opened, belongs to another
///         program, was written by a newer Hearth, or is in use by another
///         server
std::unique_ptr<store> open_store(const std::string& url,
                                  const std::string& password_file = {});

} // namespace hearth
