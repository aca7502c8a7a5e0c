#include <functional>
#include <vector>

#include <doctest/doctest.h>

#include "actors/jobs/machine.hpp"

using namespace hearth;

namespace {

using machine = job_machine;
using phase = machine::phase;
using event = std::function<bool(machine&)>;

event ended(protocol::outcome how) {
  return [=](machine& m) {
    return m.ended({"j", how, {"Foobar", "some.Error", "at x"}});
  };
}

bool sent(machine& m) {
  return m.sent();
}

bool started(machine& m) {
  return m.started();
}

bool refused(machine& m) {
  return m.refused({"no", "", "", ""});
}

bool kill(machine& m) {
  return m.kill();
}

bool aborted(machine& m) {
  return m.aborted({"context goes", "", "", ""}, false);
}

bool gone(machine& m) {
  return m.aborted({"context gone", "", "", ""}, true);
}

bool disowned(machine& m) {
  return m.disowned({"nobody reports its end", "", "", ""});
}

const auto finished = ended(protocol::outcome::finished);
const auto threw = ended(protocol::outcome::error);
const auto died = ended(protocol::outcome::killed);

struct row {
  const char* what;
  std::vector<event> before;
  event now;
  bool changes;
  phase after;
};

} // namespace

TEST_CASE("a job's life, event by event") {
  const std::vector<row> table{
    {"disowned while its binaries are resolved",
     {},
     disowned,
     true,
     phase::error},
    {"disowned when it was sent", {sent}, disowned, true, phase::error},
    {"disowned while it runs", {sent, started}, disowned, true, phase::error},
    {"disowned after a kill, which nobody saw work",
     {sent, started, kill},
     disowned,
     true,
     phase::error},
    {"disowned when it is over",
     {sent, started, finished},
     disowned,
     false,
     phase::finished},
    {"it is sent", {}, sent, true, phase::sent},
    {"it is sent once", {sent}, sent, false, phase::sent},
    {"it starts", {sent}, started, true, phase::running},
    {"a repeated start is no news",
     {sent, started},
     started,
     false,
     phase::running},
    {"it is refused", {sent}, refused, true, phase::error},
    {"it is refused before it was sent", {}, refused, true, phase::error},
    {"it finishes", {sent, started}, finished, true, phase::finished},
    {"it finishes so quickly that its start is not heard",
     {sent},
     finished,
     true,
     phase::finished},
    {"it throws", {sent, started}, threw, true, phase::error},
    {"it is killed", {sent, started}, kill, true, phase::killing},
    {"it is killed before it starts", {sent}, kill, true, phase::killing},
    {"it is killed before it was sent", {}, kill, true, phase::killed},
    {"a start does not undo a kill",
     {sent, kill},
     started,
     false,
     phase::killing},
    {"a killed job stays killed, whatever it returns",
     {sent, started, kill},
     finished,
     true,
     phase::killed},
    {"a killed job stays killed, whatever it throws",
     {sent, started, kill},
     threw,
     true,
     phase::killed},
    {"a killed job that is refused is killed",
     {sent, kill},
     refused,
     true,
     phase::killed},
    {"killed from inside the agent",
     {sent, started},
     died,
     true,
     phase::killed},
    {"its context goes", {sent, started}, aborted, true, phase::error},
    {"its context is gone", {sent, started}, gone, true, phase::error},
    {"a killed job is not over while its process lives",
     {sent, started, kill},
     aborted,
     false,
     phase::killing},
    {"a killed job is killed with its process",
     {sent, started, kill},
     gone,
     true,
     phase::killed},
    {"a second end is no news",
     {sent, started, finished},
     threw,
     false,
     phase::finished},
    {"a context's end after its own is no news",
     {sent, started, finished},
     aborted,
     false,
     phase::finished},
    {"it cannot be killed after its end",
     {sent, started, finished},
     kill,
     false,
     phase::finished},
  };
  for (auto& x : table) {
    CAPTURE(x.what);
    machine m{"j"};
    for (auto& e : x.before)
      e(m);
    CHECK(x.now(m) == x.changes);
    CHECK(m.now() == x.after);
  }
}

TEST_CASE("a killed job's report says so") {
  machine m{"some-id"};
  m.sent();
  m.kill();
  finished(m);
  CHECK(m.state() == job_state::killed);
  CHECK(m.reason().message == "Job some-id killed");
}

TEST_CASE("a job that threw keeps its exception") {
  machine m{"j"};
  m.sent();
  threw(m);
  CHECK(m.reason().message == "Foobar");
  CHECK(m.reason().error_class == "some.Error");
  CHECK(m.reason().stack == "at x");
}
