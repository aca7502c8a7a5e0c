#include <doctest/doctest.h>

#include "base/shared_text.hpp"

using namespace hearth;

TEST_CASE("copies of a shared text lie in one place") {
  shared_text first{std::string(100, 'x')};
  auto second = first;
  CHECK(second.text() == std::string(100, 'x'));
  CHECK(&second.text() == &first.text());
  first = "other";
  CHECK(second.size() == 100);
  CHECK(first == "other");
  CHECK(first != second);
}

TEST_CASE("a shared text of nothing is an empty one") {
  CHECK(shared_text{}.empty());
  CHECK(shared_text{""}.empty());
  CHECK(shared_text{}.size() == 0);
  CHECK(shared_text{}.text().empty());
  CHECK(shared_text{} == "");
}
