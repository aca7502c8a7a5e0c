#include <set>

#include <doctest/doctest.h>

#include "actors/context_policy.hpp"
#include "actors/error.hpp"
#include "actors/identity.hpp"

using namespace hearth;
using namespace std::chrono_literals;

TEST_CASE("a context's settings override the server's limits") {
  auto x = policy_of(
    {}, {{"max-jobs-per-context", "3"}, {"context-init-timeout", "90s"}});
  REQUIRE(x);
  CHECK(x->max_jobs == 3);
  CHECK(x->init_timeout == 90s);
}

TEST_CASE("a limit that makes no sense is refused by its name and value") {
  for (auto& [key, value] : std::map<std::string, std::string>{
         {"max-jobs-per-context", "0"}, {"context-init-timeout", "soon"}}) {
    auto x = policy_of({}, {{key, value}});
    REQUIRE_FALSE(x);
    CHECK(code_of(x.error()) == ec::bad_request);
    auto text = problem_of(x.error()).message;
    CHECK(text.find(key) != std::string::npos);
    CHECK(text.find(value) != std::string::npos);
  }
}

TEST_CASE("a context's jars come as a list with commas or as an array") {
  CHECK(jars_of({{"dependent-jar-uris", "a, b"}, {"cp", R"(["c","d"])"}})
        == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(jars_of({}).empty());
}

TEST_CASE("ids are UUIDs of version 4, and differ") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    auto x = make_uuid();
    REQUIRE(x.size() == 36);
    CHECK(x[14] == '4');
    CHECK(std::string{"89ab"}.find(x[19]) != std::string::npos);
    seen.insert(x);
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("a secret equals itself alone") {
  auto x = make_token();
  CHECK(x.size() == 64);
  CHECK(same_secret(x, x));
  CHECK_FALSE(same_secret(x, make_token()));
  CHECK_FALSE(same_secret(x, ""));
}
