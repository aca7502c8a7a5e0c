#include "actors/shared_store.hpp"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

/// Ends further apart than that are stored one by one; that takes a third of
/// the time of the thread they end on.
constexpr std::chrono::microseconds rare{80};

/// A pause after many does not make them rare at once, nor does one after few
/// matter.
constexpr std::chrono::microseconds longest_apart{400};

/// How many ends the average is of.
constexpr int average_of = 8;

/// No disk waits, but the system may still let a writer wait for one, when its
/// memory is full of what others have written. Then the actor is asked for a
/// while.
constexpr std::chrono::milliseconds took_long{20};
constexpr std::chrono::seconds pause{1};

} // namespace

shared_store::shared_store(std::unique_ptr<store> database, bool at_once,
                           std::function<clock::time_point()> now)
  : at_once_(at_once), now_(std::move(now)), apart_(longest_apart),
    database_(std::move(database)) {}

bool shared_store::try_insert(const job_record& x) {
  if (!try_write([&](store& db) { db.insert(x); }))
    return false;
  auto due = false;
  {
    std::lock_guard guard{pace_};
    due = ++inserted_ == remind_after_;
    if (due)
      inserted_ = 0;
  }
  if (due)
    remind_();
  return true;
}

bool shared_store::try_update(const job_update& x) {
  return try_write([&](store& db) { db.update(x); });
}

void shared_store::remind(int inserts, std::function<void()> actor) {
  remind_after_ = inserts;
  remind_ = std::move(actor);
}

bool shared_store::try_write(const std::function<void(store&)>& write) {
  auto begin = now_();
  if (!at_once_ || !is_rare(begin))
    return false;
  std::unique_lock guard{mutex_, std::try_to_lock};
  if (!guard || !database_->try_transaction([&] { write(*database_); }))
    return false;
  auto end = now_();
  if (end - begin > took_long) {
    std::lock_guard pace{pace_};
    not_before_ = end + pause;
  }
  return true;
}

bool shared_store::is_rare(clock::time_point now) {
  std::lock_guard guard{pace_};
  auto since = std::min<std::chrono::nanoseconds>(
    now - std::exchange(last_, now), longest_apart);
  apart_ += (since - apart_) / average_of;
  return apart_ > rare && now >= not_before_;
}

} // namespace hearth
