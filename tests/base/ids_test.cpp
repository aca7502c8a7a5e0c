#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/clock.hpp"
#include "base/ids.hpp"

using namespace hearth;

namespace {

std::vector<std::string> make_ids(std::size_t count) {
  std::vector<std::string> result(count);
  std::generate(result.begin(), result.end(), make_uuid);
  return result;
}

} // namespace

TEST_CASE("ids are UUIDs of version 7") {
  for (auto& x : make_ids(1000)) {
    REQUIRE(x.size() == 36);
    for (auto i : {8u, 13u, 18u, 23u})
      CHECK(x[i] == '-');
    CHECK(x[14] == '7');
    CHECK(std::string{"89ab"}.find(x[19]) != std::string::npos);
  }
}

TEST_CASE("an id begins with the time at which it was made") {
  auto before = now_ms();
  auto x = make_uuid();
  auto time = std::stoll(x.substr(0, 8) + x.substr(9, 4), nullptr, 16);
  CHECK(time >= before);
  CHECK(time <= now_ms());
}

TEST_CASE("ids sort as text in the order in which they were made") {
  auto ids = make_ids(100'000);
  CHECK(std::adjacent_find(ids.begin(), ids.end(), std::greater_equal{})
        == ids.end());
}

TEST_CASE("ids of two threads differ, and each thread's own ones ascend") {
  std::vector<std::string> theirs;
  std::thread other{[&] { theirs = make_ids(20'000); }};
  auto ours = make_ids(20'000);
  other.join();
  CHECK(std::is_sorted(ours.begin(), ours.end()));
  CHECK(std::is_sorted(theirs.begin(), theirs.end()));
  std::set<std::string> all{ours.begin(), ours.end()};
  all.insert(theirs.begin(), theirs.end());
  CHECK(all.size() == 40'000);
}

TEST_CASE("a secret equals itself alone") {
  auto x = make_token();
  CHECK(x.size() == 64);
  CHECK(same_secret(x, x));
  CHECK_FALSE(same_secret(x, make_token()));
  CHECK_FALSE(same_secret(x, ""));
}
