#include "actors/storage/replay_buffer.hpp"

#include <iterator>
#include <utility>

#include <spdlog/spdlog.h>

namespace hearth {

namespace {

/// How many writes that nobody waits for (steps of histories, places in queues,
/// keys) are kept while the database is away; the newest ones stay.
constexpr std::size_t max_kept = 10'000;

/// A flush now and then costs little; memory, and the time to write all of it
/// again, are bounded.
constexpr std::size_t max_lazy = 4096;
constexpr std::size_t max_lazy_size = 64 << 20;

} // namespace

void replay_buffer::keep(store_function write) {
  if (kept_.size() == max_kept) {
    kept_.pop_front();
    ++dropped_;
  }
  kept_.push_back({std::move(write), nullptr, true});
}

void replay_buffer::keep(store_write x, bool lost) {
  if (x.keep)
    keep(std::move(x.write));
  else if (lost && x.undo)
    keep(std::move(x.undo));
}

bool replay_buffer::full() const noexcept {
  return lazy_.size() >= max_lazy || lazy_size_ >= max_lazy_size;
}

void replay_buffer::committed(durability how, std::vector<store_write> writes) {
  if (how == durability::flushed) {
    lazy_.clear();
    lazy_size_ = 0;
    return;
  }
  if (!remember_)
    return;
  auto crowded = full();
  for (auto& x : writes) {
    while (crowded && full()) {
      lazy_size_ -= lazy_.front().size;
      lazy_.pop_front();
    }
    lazy_size_ += x.size;
    lazy_.push_back(std::move(x));
  }
}

void replay_buffer::write_kept(store& db) {
  if (!kept_.empty())
    write(db, durability::lazy, {&kept_});
}

void replay_buffer::write_all(store& db, durability how) {
  if (!lazy_.empty() || !kept_.empty())
    write(db, how, {&lazy_, &kept_});
}

void replay_buffer::write(store& db, durability how, parts all) {
  try {
    db.transaction(how, [&] {
      for (auto* part : all)
        for (auto& x : *part)
          x.write(db);
    });
  } catch (const store_error& e) {
    if (e.kind() != store_trouble::refused)
      throw;
    spdlog::error("store: {}", e.what());
    write_each(db, how, all);
  }
  std::vector<store_write> kept{std::make_move_iterator(kept_.begin()),
                                std::make_move_iterator(kept_.end())};
  kept_.clear();
  committed(how, std::move(kept));
  if (dropped_ > 0)
    spdlog::error("store: {} writes are lost", std::exchange(dropped_, 0));
}

/// So that one that can never be written does not keep back the others.
void replay_buffer::write_each(store& db, durability how, parts all) {
  std::size_t failed = 0;
  for (auto* part : all)
    for (auto& x : *part)
      try {
        db.transaction(durability::lazy, [&] { x.write(db); });
      } catch (const store_error& e) {
        if (e.kind() != store_trouble::refused)
          throw;
        ++failed;
      }
  db.transaction(how, [] {});
  dropped_ += failed;
}

} // namespace hearth
