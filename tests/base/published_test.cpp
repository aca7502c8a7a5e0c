#include <doctest/doctest.h>

#include "base/published.hpp"

using namespace hearth;

namespace {

/// Counts how many of it there are.
struct counted {
  counted(int value, int& count) : value(value), count(count) {
    ++count;
  }

  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

  ~counted() {
    --count;
  }

  int value;
  int& count;
};

} // namespace

TEST_CASE("a reader keeps the value that it reads") {
  int count = 0;
  {
    published<counted> number{std::make_unique<const counted>(1, count)};
    number.read([&](const counted& old) {
      number.publish(std::make_unique<const counted>(2, count));
      CHECK(old.value == 1);
      CHECK(count == 2);
      return 0;
    });
    CHECK(number.read([](const counted& x) { return x.value; }) == 2);
    number.publish(std::make_unique<const counted>(3, count));
    CHECK(count == 1);
  }
  CHECK(count == 0);
}
