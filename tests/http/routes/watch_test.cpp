#include <doctest/doctest.h>

#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;

TEST_CASE_FIXTURE(fixture, "a job's progress is what it said last") {
  caf::anon_send(e.actors.progress, atom::put_v, std::string{"j1"},
                 job_progress{3, 10, "halves"});
  sched.run();
  CHECK(get("/jobs/j1/progress").body
        == R"({"jobId":"j1","status":"FINISHED","done":3,"total":10,)"
           R"("text":"halves"})");
  CHECK(get("/jobs/none/progress").status == 404);
}

TEST_CASE_FIXTURE(fixture, "logs are text; a log that is not there is empty") {
  auto x = get("/contexts/ctx/logs");
  CHECK(x.status == 200);
  CHECK(x.content_type.starts_with("text/plain"));
  CHECK(x.body.empty());
  CHECK(get("/jobs/j1/logs?lines=5").status == 200);
  CHECK(get("/contexts/none/logs").status == 404);
  CHECK(get("/jobs/none/logs").status == 404);
  CHECK(get("/jobs/j1/logs?lines=x").status == 400);
}

TEST_CASE_FIXTURE(fixture, "a log that is followed has a body without an end") {
  auto x = get("/contexts/ctx/logs?follow=true");
  REQUIRE(x.source);
  CHECK(x.source->endless());
}
