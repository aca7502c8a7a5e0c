/// The database, which its actor has, and who ends jobs may have in between.
///
/// To ask the store's actor wakes its thread, and the answer wakes the one that
/// asked: at one job at a time some 35 µs, more than a small transaction takes
/// that waits for no disk; at many, two messages between threads for each. So
/// the thread that runs the actors stores the ends of sync jobs itself, all of
/// a round of it in one transaction, where this is sure to be short: lazily, in
/// a local database that nobody uses at the moment. All that may take long
/// (flushes, checkpoints, reads, forgetting, databases on other machines) stays
/// with the actor: who ends a job never waits for it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "store/store.hpp"

namespace hearth {

class shared_store {
public:
  using clock = std::chrono::steady_clock;

  /// Told whether an end is stored; if not, the store's actor is to be asked.
  using told = std::function<void(bool stored)>;

  /// @param gathers whether somebody calls `settle`, and may store ends lazily
  /// @param now     for tests
  explicit shared_store(std::unique_ptr<store> database, bool gathers = false,
                        std::function<clock::time_point()> now = &clock::now);

  // -- on the thread of `settle` alone --

  /// Whether ends are taken now.
  bool gathers();

  /// Takes the end of a job, which `settle` stores. Only if `gathers`.
  void gather(job_record x, told then);
  void gather(job_update x, told then);

  /// Stores what was gathered, or nothing of it, and tells. @returns whether
  /// there was anything
  bool settle();

  // -- on any thread --

  /// For the store's actor: calls `f` with the database. Waits for ends that
  /// are being stored, and keeps others from it.
  template <class F>
  auto use(F f) {
    std::lock_guard guard{mutex_};
    return f(*database_);
  }

  /// Called by `settle` after so many jobs were inserted, so that the actor
  /// keeps up with what it has to do for each. Set it before any is.
  void remind(int inserts, std::function<void()> actor);

private:
  struct end {
    std::function<void(store&)> write;
    told then;
  };

  bool try_write(const std::vector<end>& all);
  void count_inserts();

  const std::function<clock::time_point()> now_;
  bool gathers_;
  clock::time_point not_before_; ///< for it took long
  std::vector<end> gathered_;
  int inserting_ = 0; ///< of what is gathered
  int inserted_ = 0;
  std::function<void()> remind_;
  int remind_after_ = 0;

  std::mutex mutex_; ///< of who uses the database
  std::unique_ptr<store> database_;
};

} // namespace hearth
