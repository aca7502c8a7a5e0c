#include "runtime/link/read_budget.hpp"

#include <utility>

namespace hearth::link {

struct read_budget::part {
  part(std::shared_ptr<read_budget> from, std::size_t n, lease with)
    : budget(std::move(from)), bytes(n), other(std::move(with)) {}

  ~part() {
    budget->give_back(bytes);
  }

  part(const part&) = delete;
  part& operator=(const part&) = delete;

  std::shared_ptr<read_budget> budget;
  std::size_t bytes;
  lease other;
};

read_budget::lease read_budget::take(std::size_t bytes, lease other) {
  auto result
    = std::make_shared<const part>(shared_from_this(), bytes, std::move(other));
  out_ += bytes;
  return result;
}

bool read_budget::exhausted() {
  if (out_ <= most_)
    return false;
  paused_ = true;
  // Bytes that were given back just before `paused_` was set have not called
  // `resume`.
  return out_ > most_ / 2 || !paused_.exchange(false);
}

void read_budget::shut() {
  std::lock_guard guard{mutex_};
  resume_ = nullptr;
}

void read_budget::give_back(std::size_t bytes) {
  auto left = out_.fetch_sub(bytes) - bytes;
  if (left > most_ / 2 || !paused_.exchange(false))
    return;
  std::lock_guard guard{mutex_};
  if (resume_)
    resume_();
}

} // namespace hearth::link
