/// Writes the ends of sync jobs on the thread that runs the actors, past the
/// store's actor.
///
/// To ask the store's actor wakes its thread, and the answer wakes the asking
/// one: some 35 µs with one job at a time, which is more than a small
/// transaction takes that waits for no disk. So the ends of one round of the
/// actors' thread are written by that thread itself, in one transaction, if
/// that is sure to be short: lazily, and into a local database that nobody
/// else is using. Flushes, checkpoints, reads, retention and databases on
/// other machines are left to the store's actor. The end of a job never waits
/// for it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "actors/storage/shared_database.hpp"

namespace hearth {

/// Its functions may be called on any thread.
class end_writer {
public:
  using clock = std::chrono::steady_clock;

  /// Called once for each end. If it is not stored, the store's actor has to be
  /// asked. Runs on the thread that calls `commit_ends`.
  using on_stored = std::function<void(bool stored)>;

  /// @param enabled whether somebody calls `commit_ends`, and ends may be
  ///        stored lazily
  /// @param now     for tests
  explicit end_writer(std::shared_ptr<shared_database> database,
                      bool enabled = true,
                      std::function<clock::time_point()> now = &clock::now);

  /// Takes the end of a job, which the next `commit_ends` stores.
  /// @returns false if ends are not taken now: ask the store's actor. Nothing
  ///          is called back then
  bool add_end(const job_record& x, on_stored then);
  bool add_end(const job_update& x, on_stored then);

  /// Stores all ends that were added, or none of them, and calls back.
  /// @returns whether there was any
  bool commit_ends();

  /// Has `f` called, by `commit_ends`, after every so many jobs that it has
  /// inserted, so that retention keeps up with them.
  void after_inserts(int count, std::function<void()> f);

private:
  struct end {
    std::function<void(store&)> write;
    on_stored then;
    bool is_insert;
  };

  bool add(end x);
  bool write(const std::vector<end>& ends);
  void count_inserts(const std::vector<end>& ends);

  const std::shared_ptr<shared_database> database_;
  const bool enabled_;
  const std::function<clock::time_point()> now_;

  std::mutex mutex_;             ///< guards what follows
  clock::time_point not_before_; ///< after a transaction that took long
  std::vector<end> ends_;
  int inserted_ = 0;
  int call_after_ = 0;
  std::function<void()> call_;
};

} // namespace hearth
