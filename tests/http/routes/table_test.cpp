#include <algorithm>

#include <doctest/doctest.h>

#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace hearth::http;

TEST_CASE("patterns match decoded segments") {
  using path = std::vector<std::string>;
  CHECK(matches("/", path{}));
  CHECK(matches("/jobs", path{"jobs"}));
  CHECK_FALSE(matches("/jobs", path{}));
  CHECK_FALSE(matches("/jobs", path{"Jobs"}));
  CHECK_FALSE(matches("/jobs", path{"jobs", "x"}));
  CHECK(matches("/jobs/*", path{"jobs", "a/b"}));
  CHECK_FALSE(matches("/jobs/*", path{"jobs"}));
  CHECK(matches("/jobs/*/config", path{"jobs", "x", "config"}));
  CHECK_FALSE(matches("/jobs/*/config", path{"jobs", "x", "log"}));
}

TEST_CASE("no two routes take the same request") {
  for (const auto& a : routes())
    CHECK(std::count_if(routes().begin(), routes().end(),
                        [&](const auto& b) {
                          return a.verb == b.verb && a.pattern == b.pattern;
                        })
          == 1);
}

TEST_CASE_FIXTURE(fixture, "unknown paths are 404, wrong methods 405") {
  auto x = get("/nonsense");
  CHECK(x.status == 404);
  CHECK(x.body == error("The requested resource could not be found."));
  x = post("/healthz");
  CHECK(x.status == 405);
  CHECK(header(x, "Allow") == "GET, HEAD, OPTIONS");
  x = call(method::other, "/contexts/ctx");
  CHECK(x.status == 405);
  CHECK(header(x, "Allow") == "GET, HEAD, POST, DELETE, OPTIONS");
}

TEST_CASE_FIXTURE(fixture, "preflights allow every method of the path") {
  e.settings.allowed_origins = "http://a.example";
  auto x = start(method::options, "/jobs/x", {}, {}, "http://a.example");
  CHECK(x->got.status == 200);
  CHECK(x->got.body.empty());
  CHECK(header(x->got, "Access-Control-Allow-Methods")
        == "GET, HEAD, DELETE, OPTIONS");
  CHECK(header(x->got, "Access-Control-Allow-Origin") == "http://a.example");
  CHECK(header(x->got, "Access-Control-Max-Age") == "1800");
  auto without_origin = call(method::options, "/jobs");
  CHECK(header(without_origin, "Allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(header(without_origin, "Access-Control-Allow-Methods").empty());
}

TEST_CASE_FIXTURE(fixture, "answers to other origins carry CORS headers") {
  e.settings.allowed_origins = "http://a.example, http://a.example\x11";
  auto x = call(method::get, "/contexts", {}, {}, "http://a.example");
  CHECK(header(x, "Access-Control-Allow-Origin") == "http://a.example");
  CHECK(header(x, "Access-Control-Allow-Credentials") == "true");
  CHECK(header(get("/contexts"), "Access-Control-Allow-Origin").empty());
  x = call(method::get, "/contexts", {}, {}, "http://a.example\x11");
  CHECK(header(x, "Access-Control-Allow-Origin").empty());
  e.settings.allowed_origins = "*";
  x = call(method::get, "/contexts", {}, {}, "http://b.example");
  CHECK(header(x, "Access-Control-Allow-Origin") == "*");
  CHECK(header(x, "Access-Control-Allow-Credentials").empty());
}

TEST_CASE_FIXTURE(fixture, "a body is read by its charset") {
  auto post_text = [&](const char* type) {
    return post("/jobs?cp=a&mainClass=B", "{\"a\":\"caf\xE9\"}", type).status;
  };
  CHECK(post_text("text/plain; charset=utf-16") == 415);
  CHECK(post_text("text/plain; charset=ISO-8859-1") == 202);
  CHECK(job.config == "{\"a\":\"caf\xC3\xA9\"}");
}

TEST_CASE_FIXTURE(fixture, "_method overrides POST alone") {
  CHECK(post("/binaries/nope?_method=DELETE").body
        == error("can't find binary with name nope"));
  CHECK(post("/contexts?_method=GET").body == R"(["ctx"])");
  CHECK(get("/contexts?_method=DELETE").body == R"(["ctx"])");
  CHECK(post("/contexts?_method=PATCH").status == 400);
}

TEST_CASE_FIXTURE(fixture, "malformed targets are 400") {
  for (const char* target :
       {"/contexts/%", "/contexts/%00", "/contexts/%FF", "/contexts/a%2Fb",
        "/contexts/..", "/contexts/%2e%2e", "/contexts?a=%zz", "*"}) {
    CAPTURE(target);
    CHECK(get(target).status == 400);
  }
  CHECK(get("/contexts/" + std::string(300, 'x')).status == 400);
}

TEST_CASE_FIXTURE(fixture, "a body over its route's limit is 413") {
  e.settings.max_body = 4;
  e.settings.max_upload = 20;
  CHECK(post("/jobs?cp=a&mainClass=B", "{   }").status == 413);
  CHECK(post("/jars/a", zip).status == 200);
  CHECK(post("/jars/a", zip + zip).status == 413);
}

TEST_CASE_FIXTURE(fixture, "exceptions on either side are 500") {
  CHECK(get("/jobs/throw").status == 500);
  auto x = post("/jobs?cp=a&mainClass=B", "{throw}");
  CHECK(x.status == 500);
  CHECK(x.body == error("internal error: parser broke"));
}

TEST_CASE_FIXTURE(fixture, "health and actors are asked of every root") {
  CHECK(get("/healthz").body == R"({"status":"SUCCESS"})");
  auto x = get("/admin/actors");
  for (const char* name : {"supervisor", "binaries", "store"})
    CHECK(x.body.find(name) != std::string::npos);
  CHECK(get("/").body.starts_with("<!DOCTYPE html>"));
}

TEST_CASE_FIXTURE(fixture, "a part that ended shows") {
  caf::anon_send_exit(e.actors.store, caf::exit_reason::kill);
  sched.run();
  CHECK(get("/healthz").status == 500);
  auto x = get("/admin/actors");
  CHECK(x.status == 200);
  CHECK(x.body.find("has ended") != std::string::npos);
  CHECK(get("/jobs/j1").status == 500);
}
