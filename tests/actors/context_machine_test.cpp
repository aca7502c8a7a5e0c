#include <csignal>
#include <functional>
#include <vector>

#include <doctest/doctest.h>

#include "actors/context_machine.hpp"

using namespace hearth;

namespace {

using machine = context_machine;
using action = machine::action;
using phase = machine::phase;
using event = std::function<action(machine&)>;

action ready(machine& m) {
  return m.ready();
}

action failed(machine& m) {
  return m.failed({"broken", "", "", ""});
}

action stop(machine& m) {
  return m.stop(false);
}

action force(machine& m) {
  return m.stop(true);
}

action exited(machine& m) {
  return m.exited({{1, 1}, true, 3, 0});
}

action tick(machine& m) {
  return m.tick();
}

struct row {
  const char* what;
  std::vector<event> before;
  event now;
  action expected;
  phase after;
};

} // namespace

TEST_CASE("a context's life, event by event") {
  const std::vector<row> table{
    {"ready opens it", {}, ready, action::open, phase::running},
    {"ready twice is once", {ready}, ready, action::none, phase::running},
    {"a stop asks", {ready}, stop, action::ask, phase::stopping},
    {"a second stop adds nothing",
     {ready, stop},
     stop,
     action::none,
     phase::stopping},
    {"a forced stop kills", {ready}, force, action::kill, phase::stopping},
    {"force after a stop kills",
     {ready, stop},
     force,
     action::kill,
     phase::stopping},
    {"after asking comes SIGTERM",
     {ready, stop},
     tick,
     action::terminate,
     phase::stopping},
    {"after SIGTERM comes SIGKILL",
     {ready, stop, tick},
     tick,
     action::kill,
     phase::stopping},
    {"SIGKILL is repeated",
     {ready, stop, tick, tick},
     tick,
     action::kill,
     phase::stopping},
    {"a stop while starting asks", {}, stop, action::ask, phase::stopping},
    {"ready after a stop opens nothing",
     {stop},
     ready,
     action::none,
     phase::stopping},
    {"its end after a stop is the end",
     {ready, stop},
     exited,
     action::finish,
     phase::finished},
    {"its end unasked is an error",
     {ready},
     exited,
     action::finish,
     phase::error},
    {"its end before it was ready is an error",
     {},
     exited,
     action::finish,
     phase::error},
    {"a failure takes the process down",
     {},
     failed,
     action::terminate,
     phase::failing},
    {"a failure while running, too",
     {ready},
     failed,
     action::terminate,
     phase::failing},
    {"a failure while stopping changes nothing",
     {stop},
     failed,
     action::none,
     phase::stopping},
    {"a failing process that stays is killed",
     {failed},
     tick,
     action::kill,
     phase::failing},
    {"force helps a failing one along",
     {failed},
     force,
     action::kill,
     phase::failing},
    {"a stop of a failing one waits",
     {failed},
     stop,
     action::none,
     phase::failing},
    {"it is in error once its process is gone",
     {failed},
     exited,
     action::finish,
     phase::error},
    {"nothing happens after the end",
     {exited},
     stop,
     action::none,
     phase::error},
    {"no timer counts after the end",
     {exited},
     tick,
     action::none,
     phase::error},
    {"no timer counts while it runs",
     {ready},
     tick,
     action::none,
     phase::running},
  };
  for (auto& x : table) {
    CAPTURE(x.what);
    machine m;
    for (auto& e : x.before)
      e(m);
    CHECK(x.now(m) == x.expected);
    CHECK(m.now() == x.after);
  }
}

TEST_CASE("a context that could not be started says why") {
  machine m;
  CHECK(m.not_started({"no Spark there", "", "", ""}) == action::finish);
  CHECK(m.state() == context_state::error);
  CHECK(m.reason().message == "no Spark there");
}

TEST_CASE("the first reason of a failure stays") {
  machine m;
  m.failed({"first", "", "", ""});
  m.failed({"second", "", "", ""});
  m.exited({{1, 1}, true, 0, SIGKILL});
  CHECK(m.reason().message == "first");
}

TEST_CASE("a process that dies unasked leaves how it died as the reason") {
  machine m;
  m.ready();
  m.exited({{1, 1}, true, 0, SIGKILL});
  CHECK(m.reason().message.find("signal 9") != std::string::npos);
}
