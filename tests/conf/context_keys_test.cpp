#include <doctest/doctest.h>

#include "conf/context_keys.hpp"
#include "conf/keys.hpp"

using namespace hearth::conf;

TEST_CASE("a context overrides keys that the server has") {
  CHECK(context_overrides().size() > 15);
  for (auto& x : context_overrides()) {
    CAPTURE(x.name);
    CHECK(find_key(x.key));
    CHECK(x.key.ends_with(x.name));
    CHECK(is_context_setting(x.name));
  }
}

TEST_CASE("settings of contexts are told from other parameters") {
  for (auto name : {"num-cpu-cores", "memory-per-node", "context-factory",
                    "spark.x", "hadoop.x", "passthrough.x", "init-job.cp"})
    CHECK(is_context_setting(name));
  for (auto name : {"_", "input.string", "spark", "restarts", ""})
    CHECK_FALSE(is_context_setting(name));
}
