#include <cstdlib>

#include <doctest/doctest.h>

#include "runtime/launch/environment.hpp"

using namespace hearth::launch;

namespace {

/// Sets variables for one test.
class variables {
public:
  explicit variables(environment x) : set_(std::move(x)) {
    for (auto& [name, value] : set_)
      ::setenv(name.c_str(), value.c_str(), 1);
  }

  ~variables() {
    for (auto& [name, value] : set_)
      ::unsetenv(name.c_str());
  }

private:
  environment set_;
};

} // namespace

TEST_CASE("children get the usual variables") {
  variables all{{{"LC_TEST", "a"},
                 {"SPARK_TEST", "b = c"},
                 {"HADOOP_TEST", "d"},
                 {"YARN_TEST", "e"},
                 {"KRB5CCNAME", "f"},
                 {"no_proxy", "g,h"},
                 {"NO_PROXY", ""}}};
  auto env = inherited({});
  CHECK(env.at("PATH") == std::getenv("PATH"));
  CHECK(env.at("LC_TEST") == "a");
  CHECK(env.at("SPARK_TEST") == "b = c");
  CHECK(env.at("HADOOP_TEST") == "d");
  CHECK(env.at("YARN_TEST") == "e");
  CHECK(env.at("KRB5CCNAME") == "f");
  CHECK(env.at("no_proxy") == "g,h");
  CHECK(env.at("NO_PROXY").empty());
}

TEST_CASE("children get no others unless they are asked for") {
  variables all{{{"PGPASSWORD", "secret"},
                 {"HEARTH_URL", "x"},
                 {"AWS_SECRET_ACCESS_KEY", "secret"},
                 {"AWS_REGION", "north"},
                 {"GOOGLE_APPLICATION_CREDENTIALS", "secret"},
                 {"AZURE_CLIENT_SECRET", "secret"},
                 {"PATHS", "x"},
                 {"SPARK", "x"}}};
  auto env = inherited({});
  for (const auto* name : {"PGPASSWORD", "HEARTH_URL", "AWS_SECRET_ACCESS_KEY",
                           "AWS_REGION", "GOOGLE_APPLICATION_CREDENTIALS",
                           "AZURE_CLIENT_SECRET", "PATHS", "SPARK"})
    CHECK_FALSE(env.contains(name));
  env = inherited({"AWS_REGION", "GOOGLE_*", "COLOUR=green=blue", "NONE"});
  CHECK(env.at("AWS_REGION") == "north");
  CHECK_FALSE(env.contains("AWS_SECRET_ACCESS_KEY"));
  CHECK(env.at("GOOGLE_APPLICATION_CREDENTIALS") == "secret");
  CHECK(env.at("COLOUR") == "green=blue");
  CHECK_FALSE(env.contains("NONE"));
  // A value that is given wins over the server's own.
  CHECK(inherited({"AWS_*", "AWS_REGION=south"}).at("AWS_REGION") == "south");
}
