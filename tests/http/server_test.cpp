#include <doctest/doctest.h>

#include "client.hpp"
#include "fakes.hpp"

using namespace hearth;
using namespace hearth::test;

TEST_CASE("the main routes are served over one connection") {
  test_server server;
  client c{server.port()};
  CHECK(c.call("GET", "/healthz").body == R"({"status":"SUCCESS"})");
  CHECK(c.call("GET", "/contexts").body == R"(["ctx"])");
  auto x = c.call("POST", "/jobs?appName=a&classPath=a.B&context=ctx&sync=true",
                  "{}");
  CHECK(x.status == 200);
  CHECK(x.body == R"({"jobId":"j1","result":[2,4,6]})");
  CHECK(x.has("Content-Type: application/json\r\n"));
}
