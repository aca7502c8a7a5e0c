/// The database, which its actor has, and who ends a job may have in between.
///
/// To ask the store's actor wakes its thread, and the answer wakes the one that
/// asked: some 35 µs, more than a small transaction takes that waits for no
/// disk. So the thread that ends a job stores that end itself, where this is
/// sure to be short: lazily, in a local database that nobody uses at the
/// moment, and only while ends are rare. When they are many, the actor stores
/// many of them in one transaction, which costs each a quarter. All that may
/// take long (flushes, checkpoints, reads, forgetting, databases on other
/// machines) stays with the actor: who ends a job never waits for it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>

#include "store/store.hpp"

namespace hearth {

/// Thread-safe.
class shared_store {
public:
  using clock = std::chrono::steady_clock;

  /// @param at_once whether ends may be stored at once: lazily
  /// @param now     for tests
  explicit shared_store(std::unique_ptr<store> database, bool at_once = false,
                        std::function<clock::time_point()> now = &clock::now);

  /// Stores the end of a job, or nothing.
  /// @returns false: the store's actor is to be asked to do it
  bool try_insert(const job_record& x);
  bool try_update(const job_update& x);

  /// For the store's actor: calls `f` with the database. Waits for an end that
  /// is being stored, and keeps others from it.
  template <class F>
  auto use(F f) {
    std::lock_guard guard{mutex_};
    return f(*database_);
  }

  /// Called after so many jobs were inserted by `try_insert`, so that the actor
  /// keeps up with what it has to do for each. Set it before any is.
  void remind(int inserts, std::function<void()> actor);

private:
  bool try_write(const std::function<void(store&)>& write);
  bool is_rare(clock::time_point now);

  const bool at_once_;
  const std::function<clock::time_point()> now_;
  std::function<void()> remind_;
  int remind_after_ = 0;

  std::mutex pace_; ///< guards the next ones, never held for long
  clock::time_point last_;
  clock::time_point not_before_;   ///< for it took long
  std::chrono::nanoseconds apart_; ///< ends, on average
  int inserted_ = 0;

  std::mutex mutex_; ///< of who uses the database
  std::unique_ptr<store> database_;
};

} // namespace hearth
