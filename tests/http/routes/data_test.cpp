#include <doctest/doctest.h>

#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace hearth::http;

TEST_CASE_FIXTURE(fixture, "data files are listed, stored, removed and reset") {
  CHECK(get("/data").body == R"(["/data/a.dat"])");
  CHECK(post("/data/x", "abc").body
        == R"({"result":{"filename":"/data/x-3.dat"}})");
  CHECK(call(method::delete_, "/data/%2Fdata%2Fa.dat").status == 200);
  CHECK(call(method::delete_, "/data/%2Fdata%2Fb.dat").status == 404);
  CHECK(call(method::put, "/data?reset=reboot").body
        == R"({"status":"SUCCESS","result":"Data reset"})");
}

TEST_CASE_FIXTURE(fixture, "a reset is asked for by name") {
  for (auto path : {"/data", "/contexts"}) {
    CHECK(call(method::put, path).status == 404);
    CHECK(call(method::put, std::string{path} + "?reset=x").status == 400);
  }
}

TEST_CASE_FIXTURE(fixture, "a prefix that leaves the folder is refused") {
  CHECK(post("/data/..%2Fx", "abc").status == 400);
  CHECK(post("/data/..", "abc").status == 400);
}

TEST_CASE_FIXTURE(fixture,
                  "scripts of other pages are kept out, but for listed ones") {
  auto header_for = [&](const char* origin) {
    return header(call(method::get, "/contexts", {}, {}, origin),
                  "Access-Control-Allow-Origin");
  };
  CHECK(header_for("http://a.example").empty());
  e.settings.allowed_origins = "http://a.example, http://b.example";
  CHECK(header_for("http://b.example") == "http://b.example");
  CHECK(header_for("http://c.example").empty());
  e.settings.allowed_origins = "*";
  CHECK(header_for("http://a.example") == "*");
}
