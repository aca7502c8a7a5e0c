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
  CHECK(jars_of({{"dependent-jar-uris", "a, b"},
                 {"cp", setting::json(R"(["c,d"," e "])")}})
        == std::vector<std::string>{"a", "b", "c,d", " e "});
  CHECK(jars_of({}).empty());
}

TEST_CASE("jars that are no list of texts are refused by name") {
  for (auto key : {"dependent-jar-uris", "cp"}) {
    auto x = policy_of({}, {{key, setting::json("[true]")}});
    REQUIRE_FALSE(x);
    CHECK(problem_of(x.error()).message
          == std::string{"the setting "} + key
               + " = [true] makes no sense: a list of texts, or one text with "
                 "commas, is right");
  }
}

TEST_CASE("the configuration of an init job keeps its types") {
  auto x = policy_of({}, {{"init-job.mainClass", "A"},
                          {"init-job.cp", setting::json(R"(["a,b"])")},
                          {"init-job.config.n", setting::json("1.10")},
                          {"init-job.config.t", "12"},
                          {"init-job.config.l", setting::json(R"(["[x"])")},
                          {"init-job.config.a.b,c \"d", "[::1]"}});
  REQUIRE(x);
  CHECK(x->init_job->binaries == std::vector<std::string>{"a,b"});
  CHECK(x->init_job->config.text()
        == R"({"a":{"b,c \"d":"[::1]"},"l":["[x"],"n":1.10,"t":"12"})");
}
