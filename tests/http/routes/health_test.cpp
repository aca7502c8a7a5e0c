#include <doctest/doctest.h>

#include "actors/api/status.hpp"
#include "http/routes/health.hpp"
#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace std::chrono_literals;

namespace {

actor_status line(std::string name, std::string state) {
  actor_status result;
  result.name = std::move(name);
  result.state = std::move(state);
  return result;
}

struct recorded {
  http::silence_record record;
  http::silence_record::patience busy{{"slow", 10s}};
  http::silence_record::clock::time_point start{};

  std::vector<std::string> at(std::chrono::seconds when,
                              std::vector<actor_status> lines) {
    return record.note(lines, busy, start + when);
  }
};

using phrases = std::vector<std::string>;

} // namespace

TEST_CASE_FIXTURE(recorded, "what answers is well, unless it is lost") {
  CHECK(at(0s, {line("a", "open"), line("b", "locked")}).empty());
  CHECK(at(0s, {line("a", "open"), line("store", status_lost)})
        == phrases{"store is lost"});
  CHECK(at(0s, {line("a", "open"), line("store", "open")}).empty());
}

TEST_CASE_FIXTURE(recorded, "a silent or dead part is named") {
  CHECK(at(0s, {line("a", status_silent), line("b", status_ended)})
        == phrases{"a does not answer", "b has ended"});
}

TEST_CASE_FIXTURE(recorded, "a part with long work is silent only after it") {
  CHECK(at(0s, {line("slow", status_silent)}).empty());
  CHECK(at(10s, {line("slow", status_silent)}).empty());
  CHECK(at(11s, {line("slow", status_silent)})
        == phrases{"slow does not answer"});
  CHECK(at(12s, {line("slow", "open")}).empty());
  CHECK(at(20s, {line("slow", status_silent)}).empty());
  CHECK(at(21s, {line("slow", status_ended)}) == phrases{"slow has ended"});
}

TEST_CASE_FIXTURE(fixture, "however many ask, one sweep is under way") {
  auto first = start(method::get, "/healthz");
  auto jobs_before = sched.jobs.size();
  auto second = start(method::get, "/healthz");
  CHECK(sched.jobs.size() == jobs_before);
  sched.run();
  CHECK(first->got.status == 200);
  CHECK(second->got.status == 200);
}

TEST_CASE_FIXTURE(fixture, "a verdict holds for a while") {
  e.wait.health_lasts = 1h;
  CHECK(get("/healthz").status == 200);
  caf::anon_send_exit(e.actors.store, caf::exit_reason::kill);
  sched.run();
  CHECK(get("/healthz").status == 200);
  e.wait.health_lasts = 0ms;
  auto x = get("/healthz");
  CHECK(x.status == 500);
  CHECK(x.body == error("not every part of the server works: store has ended"));
}
