#include <map>

#include <doctest/doctest.h>

#include "actors/api/error.hpp"
#include "actors/contexts/policy.hpp"

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
