#include <cstdint>
#include <limits>

#include <doctest/doctest.h>

#include "http/core/body_memory.hpp"

using hearth::http::make_room;

namespace {

constexpr std::size_t block = 16 * 1024; ///< what comes at a time

struct growth {
  std::size_t copied = 0;  ///< bytes, in the largest copy
  std::size_t steps = 0;   ///< how often it grew
  std::size_t reserve = 0; ///< bytes, in the end
};

/// A body of that size comes.
growth grow(std::size_t size, std::uint64_t whole) {
  growth result;
  std::string body;
  while (body.size() < size) {
    auto before = body.capacity();
    make_room(body, block, whole);
    if (body.capacity() != before) {
      ++result.steps;
      result.copied = std::max(result.copied, body.size());
    }
    body.append(block, 'x');
    REQUIRE(body.capacity() >= body.size());
  }
  result.reserve = body.capacity();
  return result;
}

} // namespace

TEST_CASE("the memory of a large body is seldom copied") {
  CHECK(grow(8 << 20, 8 << 20).copied <= 2 << 20);
  CHECK(grow(8 << 20, 8 << 20).steps <= 3);
  CHECK(grow(8 << 20, 8 << 20).reserve == 8 << 20);
  CHECK(grow(1 << 20, 1 << 20).copied <= 64 << 10);
}

TEST_CASE("what is announced takes no memory before much of it is there") {
  auto huge = std::numeric_limits<std::uint64_t>::max();
  CHECK(grow(block, huge).reserve <= 64 << 10);
  CHECK(grow(1 << 20, huge).reserve <= 2 << 20);
  CHECK(grow(16 << 20, huge).reserve <= 64 << 20);
}

TEST_CASE("a body that cannot have all that it announces grows all the same") {
  std::string body(64 << 20, 'x');
  make_room(body, block, std::numeric_limits<std::uint64_t>::max());
  body.append(block, 'x');
  CHECK(body.size() == (64 << 20) + block);
}
