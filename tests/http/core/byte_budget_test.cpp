#include <doctest/doctest.h>

#include "http/core/byte_budget.hpp"

using namespace hearth::http;
using namespace std::chrono_literals;

namespace {

const byte_budget::clock::time_point start{1h};

struct counted {
  byte_budget all{{100, 2s}};
  int given_up = 0;
  byte_budget::share a{all, [this] { ++given_up; }};
  byte_budget::share b{all, [this] { ++given_up; }};
  byte_budget::share c{all, [this] { ++given_up; }};
};

} // namespace

TEST_CASE_FIXTURE(counted, "bytes are counted as they come, and given back") {
  CHECK(a.add(60, start));
  CHECK(a.add(40, start));
  CHECK_FALSE(b.add(1, start));
  a.release();
  CHECK(all.used() == 0);
  CHECK(b.add(100, start));
  CHECK(given_up == 0);
}

TEST_CASE_FIXTURE(counted, "more than there is is never given") {
  CHECK_FALSE(a.add(101, start));
  CHECK(all.used() == 0);
}

TEST_CASE_FIXTURE(counted, "the one that stalled longest gives up its bytes") {
  CHECK(a.add(40, start));
  CHECK(b.add(40, start + 1s));
  CHECK_FALSE(c.add(30, start + 1900ms));
  CHECK(c.add(30, start + 2s));
  CHECK(given_up == 1);
  CHECK(all.used() == 70);
  CHECK_FALSE(c.add(40, start + 2s));
  b.touch(start + 3s);
  CHECK_FALSE(c.add(40, start + 4s));
  CHECK(c.add(40, start + 5s));
  CHECK(given_up == 2);
}

TEST_CASE_FIXTURE(counted, "a share does not make room for itself") {
  CHECK(a.add(90, start));
  CHECK_FALSE(a.add(20, start + 1h));
  CHECK(given_up == 0);
}

TEST_CASE_FIXTURE(counted, "what is complete has to be let go") {
  all.hold(90);
  CHECK_FALSE(a.add(20, start));
  all.let_go(90);
  CHECK(a.add(20, start));
}

TEST_CASE("a share that ends gives its bytes back") {
  byte_budget all{{100, 2s}};
  {
    byte_budget::share x{all, [] {}};
    CHECK(x.add(100, start));
  }
  CHECK(all.used() == 0);
}
