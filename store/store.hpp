/// The interface to the database, which holds what survives the server: jobs,
/// contexts, binaries, their histories. One implementation (SOCI) serves every
/// database.
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
  refused, ///< it did not take this statement; others may work
  full,    ///< no space is left on its device
  lost,    ///< the connection is gone or its disk failed: only a `reconnect`
           ///< helps, and a commit that failed may have taken place
  locked   ///< somebody else holds it: nothing was written, try again
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

/// Reads lists over a connection of its own, so that a long one delays no
/// write. It sees every transaction that was committed before the call, and no
/// half of one. Used by one thread at a time, which may be another one than the
/// store's. Connects when it is first used, and anew after an error.
class store_reader {
public:
  virtual ~store_reader() = default;

  /// As `store::jobs`.
  /// @throws store_error
  virtual std::vector<job_record> jobs(const job_filter& filter) = 0;
};

/// Every member function throws `store_error` when the database fails. Used by
/// one thread at a time. All times are in milliseconds.
class store {
public:
  virtual ~store() = default;

  /// Connects anew, after an error that was `lost`, and makes sure that all
  /// that is in the database is on its disk. May take seconds.
  /// @throws store_error if that fails; try again later
  virtual void reconnect() = 0;

  /// How long a transaction waits for others who hold the database before it
  /// fails as `locked`. PostgreSQL waits for at least a second. The default is
  /// 5 s.
  virtual void set_lock_wait(std::chrono::milliseconds) {
    // nop
  }

  /// A second connection for lists. It may be used after the store is gone.
  /// @returns null if the database has one connection only, as one in memory
  virtual std::unique_ptr<store_reader> open_reader() {
    return nullptr;
  }

  /// Whether the database can lose lazy transactions while the server lives, as
  /// PostgreSQL can when it crashes. The caller then has to write again, after
  /// a `reconnect`, what it committed since the last flushed transaction. Every
  /// write below may be repeated for that, in the original order.
  virtual bool can_lose_lazy() const {
    return false;
  }

  /// Runs `writes`, which calls the writing functions below, as one
  /// transaction: all of it is stored, or none. After an error the next
  /// transaction starts afresh. An error of the disk is `lost` from then on, up
  /// to the next `reconnect`: after a failed flush nobody knows what the disk
  /// has, so nothing is promised on top of it.
  virtual void transaction(durability how, const std::function<void()>& writes)
    = 0;

  // -- writes, only inside a transaction --

  /// Inserts the context, or replaces what is stored under its id; its
  /// history gets an entry if the state changed. A state that would go
  /// backwards changes nothing.
  virtual void put(const context_record& x) = 0;

  /// Inserts the job; nothing happens if its id is stored already.
  virtual void insert(const job_record& x) = 0;

  /// Forgets a job that has not ended, as if it had never been inserted.
  virtual void withdraw(const std::string& job) = 0;

  /// Moves a job forward; to `started`: it waited for a slot, has one and is
  /// about to be sent. A job in a final state is left as it is, and so is
  /// one whose state would go backwards.
  virtual void update(const job_update& x) = 0;

  /// Adds to the history of a job that is stored; of each history only the
  /// newest `history_length` entries are kept. Nothing happens if that very
  /// step is there already.
  virtual void put(const job_note& x) = 0;

  /// The same of a context. Nothing happens if that entry is there already.
  virtual void put(const context_note& x) = 0;

  /// The job, which is stored, waits for a slot, unless it has ended.
  virtual void enqueue(const queue_entry& x) = 0;

  /// It waits no more.
  virtual void dequeue(const std::string& job) = 0;

  /// Takes a key for `x`, unless it is taken already.
  /// @returns the claim that holds the key now
  virtual key_claim claim(const key_claim& x) = 0;

  /// Forgets a key.
  virtual void erase_key(const std::string& key) = 0;

  /// Forgets the keys that were taken before that time.
  virtual void erase_keys(millis before) = 0;

  /// Adds a version of a binary, unless that very version is there already.
  virtual void put(const binary_record& x) = 0;

  /// Forgets all versions of a binary.
  virtual void erase_binary(const std::string& name) = 0;

  /// Forgets ended jobs with all that belongs to them, the first to arrive
  /// first, never a job that has not ended.
  /// @param limit how many at most: it bounds the transaction
  /// @returns their ids; fewer than `limit`: no more are due
  virtual std::vector<std::string> erase_jobs(const expiry& due,
                                              std::int32_t limit)
    = 0;

  /// The same of contexts.
  virtual std::vector<std::string> erase_contexts(const expiry& due,
                                                  std::int32_t limit)
    = 0;

  // -- reads --

  /// The newest context of that name, ended or not.
  virtual std::optional<context_record> context_by_name(const std::string& name)
    = 0;

  /// Contexts whose state is not final, oldest first.
  virtual std::vector<context_record> live_contexts() = 0;

  /// Jobs whose state is not final, oldest first; without config and result.
  virtual std::vector<job_record> live_jobs() = 0;

  /// The job with its result, without its config.
  virtual std::optional<job_record> job(const std::string& id) = 0;

  /// What became of a job, first what its record tells.
  virtual std::optional<state_history> job_history(const std::string& id) = 0;

  /// What became of the newest context of that name.
  virtual std::optional<state_history> context_history(const std::string& name)
    = 0;

  /// Jobs that wait for a slot or were sent, in no order.
  virtual std::vector<queue_entry> queued_jobs() = 0;

  /// The configuration of a job, JSON.
  virtual std::optional<std::string> job_config(const std::string& id) = 0;

  /// Newest first; without config and result.
  virtual std::vector<job_record> jobs(const job_filter& filter) = 0;

  /// Every version of every binary, oldest first.
  virtual std::vector<binary_record> binaries() = 0;
};

/// Opens the database at `url`, creates or migrates its schema.
/// @param url `sqlite:PATH`, where PATH may be `:memory:`, or
///        `postgresql://USER@HOST:PORT/DATABASE`, as libpq takes it
/// @param password_file the first line is the password for PostgreSQL; "": it
///        is in the url or where libpq looks for it
/// @throws store_error if it cannot be opened, is no database of ours, was
///         written by a newer Hearth or is in use by another server
std::unique_ptr<store> open_store(const std::string& url,
                                  const std::string& password_file = {});

} // namespace hearth
