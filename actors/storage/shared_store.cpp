#include "actors/storage/shared_store.hpp"

#include <utility>

namespace hearth {

namespace {

/// No disk waits, but the system may still let a writer wait for one, when its
/// memory is full of what others have written. Then the actor is asked for a
/// while.
constexpr std::chrono::milliseconds took_long{20};
constexpr std::chrono::seconds pause{1};

} // namespace

shared_store::shared_store(std::unique_ptr<store> database, bool gathers,
                           std::function<clock::time_point()> now)
  : now_(std::move(now)), gathers_(gathers && database->can_try()),
    database_(std::move(database)) {}

bool shared_store::gathers() {
  return gathers_
         && (not_before_ == clock::time_point{} || now_() >= not_before_);
}

void shared_store::gather(job_record x, told then) {
  ++inserting_;
  gathered_.push_back(
    {[x = std::move(x)](store& db) { db.insert(x); }, std::move(then)});
}

void shared_store::gather(job_update x, told then) {
  gathered_.push_back(
    {[x = std::move(x)](store& db) { db.update(x); }, std::move(then)});
}

bool shared_store::settle() {
  if (gathered_.empty())
    return false;
  // Who is told may gather more.
  auto all = std::exchange(gathered_, {});
  auto inserts = std::exchange(inserting_, 0);
  auto stored = try_write(all);
  if (stored) {
    inserted_ += inserts;
    count_inserts();
  }
  for (auto& x : all)
    x.then(stored);
  return true;
}

void shared_store::remind(int inserts, std::function<void()> actor) {
  remind_after_ = inserts;
  remind_ = std::move(actor);
}

bool shared_store::try_write(const std::vector<end>& all) {
  std::unique_lock guard{mutex_, std::try_to_lock};
  if (!guard)
    return false;
  auto begin = now_();
  auto stored = database_->try_transaction([&] {
    for (const auto& x : all)
      x.write(*database_);
  });
  auto end = now_();
  not_before_ = end - begin > took_long ? end + pause : clock::time_point{};
  return stored;
}

void shared_store::count_inserts() {
  if (!remind_ || inserted_ < remind_after_)
    return;
  inserted_ = 0;
  remind_();
}

} // namespace hearth
