#include <doctest/doctest.h>

#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace hearth::http;

TEST_CASE_FIXTURE(fixture, "a context gets the settings of query and body") {
  auto x = post("/contexts/c?a=query&z=1&z=2", "block");
  CHECK(x.status == 400);
  x = post("/contexts/c?a=query&z=1&z=2", "{block}");
  CHECK(x.body == R"({"status":"SUCCESS","result":"Context initialized"})");
  CHECK(context.name == "c");
  using settings = settings_map;
  CHECK(context.settings
        == settings{{"a", "body"}, {"b.c", "body"}, {"z", "2"}});
  post("/contexts/c?z=1", "{}");
  CHECK(context.settings == settings{{"a", "body"}, {"z", "1"}});
  post("/contexts/c?z=1", " \n");
  CHECK(context.settings == settings{{"z", "1"}});
}

TEST_CASE_FIXTURE(fixture, "a context has a bounded number of settings, with a "
                           "bounded size") {
  conf::settings_map settings;
  e.parse.to_settings = [&](std::string_view) { return settings; };
  for (int i = 0; i < 2000; ++i)
    settings["a" + std::to_string(i)] = "1";
  CHECK(post("/contexts/c", "{}").status == 200);
  auto refused = post("/contexts/c?z=1", "{}");
  CHECK(refused.status == 400);
  CHECK(refused.body.find("at most 2000 settings with 262144 bytes in all, and "
                          "these are 2001")
        != std::string::npos);
  settings = {{"a", std::string(300 * 1024, 'x')}};
  CHECK(post("/contexts/c", "{}").status == 400);
}

TEST_CASE_FIXTURE(fixture, "a context body that does not parse says where") {
  auto x = post("/contexts/c", "a { b");
  CHECK(x.status == 400);
  CHECK(x.body == error("Cannot parse config: 1:3: unexpected text"));
}

TEST_CASE_FIXTURE(fixture, "a context's malformed URL has its own headline") {
  todo.create = [](const context_request&) -> caf::result<context_record> {
    return make_error(ec::malformed_url, "unknown protocol: hdfs");
  };
  CHECK(post("/contexts/c").body
        == R"({"status":"CONTEXT INIT ERROR: Malformed URL",)"
           R"("result":"unknown protocol: hdfs"})");
}

TEST_CASE_FIXTURE(fixture, "contexts are stopped, by force too") {
  CHECK(call(method::delete_, "/contexts/ctx").body
        == R"({"status":"SUCCESS","result":"Context stopped"})");
  CHECK(call(method::delete_, "/contexts/x").body
        == error("context x not found"));
  CHECK(call(method::delete_, "/contexts/x?force=true").status == 200);
  CHECK(call(method::delete_, "/contexts/x?force=1").status == 400);
  auto slow = call(method::delete_, "/contexts/slow");
  CHECK(slow.status == 202);
  CHECK(header(slow, "Location") == "/contexts/slow");
}

TEST_CASE_FIXTURE(fixture, "contexts are restarted") {
  auto post = [this](const char* target) { return call(method::post, target); };
  CHECK(post("/contexts/ctx/restart").body
        == R"({"status":"SUCCESS","result":"Context restarted"})");
  CHECK(post("/contexts/ctx/restart?jobs=wait").status == 200);
  CHECK(post("/contexts/ctx/restart?jobs=refuse").body
        == error("jobs are refused"));
  CHECK(post("/contexts/ctx/restart?jobs=maybe").status == 400);
  CHECK(post("/contexts/x/restart").status == 404);
}

TEST_CASE_FIXTURE(fixture, "contexts are reset") {
  auto put = [this](const char* target) { return call(method::put, target); };
  CHECK(put("/contexts?reset=reboot").body
        == R"({"status":"SUCCESS","result":"Context reset"})");
  CHECK(put("/contexts?reset=reboot&sync=false").body
        == R"({"status":"SUCCESS","result":"Context reset requested"})");
  CHECK(put("/contexts?reset=x").status == 400);
  CHECK(put("/contexts").body
        == error("Request is missing required query parameter 'reset'"));
}

TEST_CASE_FIXTURE(fixture, "a context body as SJS users write it") {
  e.parse = {};
  post(
    "/contexts/c?num-cpu-cores=1&z=1",
    "spark.context-settings { num-cpu-cores = 2, spark.ui.enabled = false }");
  using settings = settings_map;
  CHECK(context.settings
        == settings{{"num-cpu-cores", setting::json("2")},
                    {"spark.ui.enabled", setting::json("false")},
                    {"z", "1"}});
  post("/contexts/c?z=1", "spark.context-settings {}");
  CHECK(context.settings == settings{{"z", "1"}});
  auto beside = post("/contexts/c", "spark.context-settings { a = 1 }\n"
                                    "spark.x = 1, y = 2");
  CHECK(beside.status == 400);
  CHECK(beside.body
        == error("the body has a block spark.context-settings, and settings "
                 "beside it that would have no effect: spark.x, y; they belong "
                 "into the block"));
  auto bad = post("/contexts/c", "a { b");
  CHECK(bad.status == 400);
  CHECK(bad.body.starts_with(
    R"({"status":"ERROR","result":"Cannot parse config: 1:)"));
}
