#include <doctest/doctest.h>

#include "http/core/admission.hpp"

using hearth::http::admission;
using namespace std::chrono_literals;

namespace {

const admission::clock::time_point start{};

} // namespace

TEST_CASE("as many requests are worked on as the limit says") {
  admission all{{2, 10}};
  auto first = all.enter(start);
  CHECK_FALSE(all.is_busy(start));
  all.enter(start);
  CHECK(all.is_busy(start));
  all.leave(first);
  CHECK_FALSE(all.is_busy(start));
}

TEST_CASE("a request that takes long makes room for others") {
  admission all{{1, 2}};
  auto slow = all.enter(start);
  CHECK(all.is_busy(start + 999ms));
  CHECK_FALSE(all.is_busy(start + 1s));
  CHECK_FALSE(all.is_crowded());
  all.enter(start + 1s);
  CHECK(all.is_busy(start + 1s));
  CHECK_FALSE(all.is_busy(start + 2s));
  CHECK(all.is_crowded());
  all.leave(slow);
  CHECK_FALSE(all.is_crowded());
}

TEST_CASE("what waits from the start is no work") {
  admission all{{1, 1}};
  auto stream = all.enter_waiting(start);
  CHECK_FALSE(all.is_busy(start));
  CHECK(all.is_crowded());
  all.leave(stream);
  CHECK_FALSE(all.is_crowded());
}
