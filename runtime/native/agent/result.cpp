#include "runtime/native/agent/result.hpp"

#include <algorithm>
#include <cstring>

namespace hearth::native {

namespace {

/// Most results are small.
constexpr std::size_t first_size = 512;

} // namespace

char* result_chunks::reserve(std::size_t least, std::size_t& room) {
  least = std::clamp<std::size_t>(least, 1, max_least);
  if (chunks_.empty()
      || (chunks_.back().capacity == chunk_size
          && chunks_.back().size + least > chunk_size)) {
    auto capacity = chunks_.empty() ? std::max(first_size, least) : chunk_size;
    chunks_.push_back(
      {std::unique_ptr<char[]>{new char[capacity]}, 0, capacity});
  }
  auto& last = chunks_.back();
  if (last.size + least > last.capacity) {
    auto capacity
      = std::min(std::max(2 * last.capacity, last.size + least), chunk_size);
    std::unique_ptr<char[]> grown{new char[capacity]};
    std::memcpy(grown.get(), last.bytes.get(), last.size);
    last.bytes = std::move(grown);
    last.capacity = capacity;
  }
  room = last.capacity - last.size;
  return last.bytes.get() + last.size;
}

void result_chunks::commit(std::size_t size) noexcept {
  chunks_.back().size += size;
  total_ += size;
}

} // namespace hearth::native
