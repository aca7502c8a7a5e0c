#include "actors/storage/end_writer.hpp"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

/// A lazy transaction waits for no disk, but the system may make a writer wait
/// when its memory is full of what others have written. The store's actor is
/// asked for a while then.
constexpr std::chrono::milliseconds took_long{20};
constexpr std::chrono::seconds pause{1};

bool can_try(shared_database& database) {
  return database.use([](store& db) { return db.can_try(); });
}

} // namespace

end_writer::end_writer(std::shared_ptr<shared_database> database, bool enabled,
                       std::function<clock::time_point()> now)
  : database_(std::move(database)), enabled_(enabled && can_try(*database_)),
    now_(std::move(now)) {
  // nop
}

bool end_writer::add_end(const job_record& x, on_stored then) {
  return enabled_
         && add({[x](store& db) { db.insert(x); }, std::move(then), true});
}

bool end_writer::add_end(const job_update& x, on_stored then) {
  return enabled_
         && add({[x](store& db) { db.update(x); }, std::move(then), false});
}

bool end_writer::add(end x) {
  std::lock_guard guard{mutex_};
  if (not_before_ != clock::time_point{} && now_() < not_before_)
    return false;
  ends_.push_back(std::move(x));
  return true;
}

bool end_writer::commit_ends() {
  std::vector<end> ends;
  {
    std::lock_guard guard{mutex_};
    ends.swap(ends_);
  }
  if (ends.empty())
    return false;
  auto stored = write(ends);
  // No lock is held here: whoever is called back may add the next end.
  if (stored)
    count_inserts(ends);
  for (auto& x : ends)
    x.then(stored);
  return true;
}

void end_writer::after_inserts(int count, std::function<void()> f) {
  std::lock_guard guard{mutex_};
  call_after_ = count;
  call_ = std::move(f);
}

bool end_writer::write(const std::vector<end>& ends) {
  auto begin = now_();
  auto stored = database_->try_use([&](store& db) {
    return db.try_transaction([&] {
      for (const auto& x : ends)
        x.write(db);
    });
  });
  auto end = now_();
  std::lock_guard guard{mutex_};
  not_before_ = end - begin > took_long ? end + pause : clock::time_point{};
  return stored;
}

void end_writer::count_inserts(const std::vector<end>& ends) {
  std::function<void()> call;
  {
    std::lock_guard guard{mutex_};
    inserted_ += static_cast<int>(std::count_if(
      ends.begin(), ends.end(), [](auto& x) { return x.is_insert; }));
    if (!call_ || inserted_ < call_after_)
      return;
    inserted_ = 0;
    call = call_;
  }
  call();
}

} // namespace hearth
