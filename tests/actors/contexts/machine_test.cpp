#include <csignal>
#include <functional>
#include <vector>

#include <doctest/doctest.h>

#include "actors/contexts/machine.hpp"

using namespace hearth;

namespace {

using machine = context_machine;
using action = machine::action;
using phase = machine::phase;
using event = std::function<action(machine&)>;

action ready(machine& m) {
  return m.ready(0);
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
  return m.exited({{1, 1}, true, 3, 0}, 0);
}

action exited_in_order(machine& m) {
  return m.exited({{1, 1}, true, 0, 0}, 0);
}

action restart(machine& m) {
  return m.restart({"asked for", "", "", ""});
}

action relaunch(machine& m) {
  return m.relaunch();
}

action prepared(machine& m) {
  return m.prepared(0);
}

action hurry(machine& m) {
  return m.hurry();
}

action recovering(machine& m) {
  m.recovering();
  return action::none;
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

void walk(const std::vector<row>& table, const machine& fresh) {
  for (auto& x : table) {
    CAPTURE(x.what);
    auto m = fresh;
    for (auto& e : x.before)
      e(m);
    CHECK(x.now(m) == x.expected);
    CHECK(m.now() == x.after);
  }
}

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
  walk(table, machine{});
}

TEST_CASE("a context whose settings ask for another process") {
  conf::context_limits rules;
  rules.restart = conf::restart_mode::on_failure;
  const std::vector<row> table{
    {"a process that dies is followed by another after a pause",
     {ready},
     exited,
     action::pause,
     phase::waiting},
    {"one that ends in order is not",
     {ready},
     exited_in_order,
     action::finish,
     phase::error},
    {"the first start is not repeated",
     {},
     exited,
     action::finish,
     phase::error},
    {"after the pause it is started",
     {ready, exited},
     relaunch,
     action::launch,
     phase::reviving},
    {"it opens again",
     {ready, exited, relaunch},
     ready,
     action::open,
     phase::running},
    {"a start that fails counts as a failure",
     {ready, exited, relaunch},
     exited,
     action::pause,
     phase::waiting},
    {"a lost one is ended before the pause",
     {ready, failed},
     exited,
     action::pause,
     phase::waiting},
    {"a stop in the pause is the end",
     {ready, exited},
     stop,
     action::finish,
     phase::finished},
    {"a stop while it starts again asks",
     {ready, exited, relaunch},
     stop,
     action::ask,
     phase::stopping},
    {"a stop of one that fails makes its end the last",
     {ready, failed, stop},
     exited,
     action::finish,
     phase::finished},
    {"after a stop there is no relaunch",
     {ready, exited, stop},
     relaunch,
     action::none,
     phase::finished},
  };
  walk(table, machine{rules});
}

TEST_CASE("a context that is restarted on request") {
  const std::vector<row> table{
    {"its agent is asked to stop",
     {ready},
     restart,
     action::ask,
     phase::draining},
    {"only one that runs is", {}, restart, action::none, phase::starting},
    {"SIGTERM follows",
     {ready, restart},
     tick,
     action::terminate,
     phase::draining},
    {"haste kills", {ready, restart}, hurry, action::kill, phase::draining},
    {"another process follows, whatever the settings say",
     {ready, restart},
     exited,
     action::pause,
     phase::waiting},
    {"a stop meanwhile makes its end the last",
     {ready, restart, stop},
     exited,
     action::finish,
     phase::finished},
    {"a failure of the new one is the end",
     {ready, restart, exited, relaunch},
     exited,
     action::finish,
     phase::error},
  };
  walk(table, machine{});
}

TEST_CASE("a context with an init job lets others in after it") {
  const std::vector<row> table{
    {"ready runs it", {}, ready, action::prepare, phase::starting},
    {"ready twice runs it once", {ready}, ready, action::none, phase::starting},
    {"its end opens", {ready}, prepared, action::open, phase::running},
    {"its failure takes the process down",
     {ready},
     failed,
     action::terminate,
     phase::failing},
    {"an end that comes too late opens nothing",
     {ready, failed},
     prepared,
     action::none,
     phase::failing},
    {"it runs in each process",
     {ready, prepared, restart, exited, relaunch},
     ready,
     action::prepare,
     phase::reviving},
  };
  walk(table, machine{{}, true});
}

TEST_CASE("a context that an earlier server left") {
  const std::vector<row> table{
    {"takes jobs once its agent is back",
     {recovering},
     ready,
     action::open,
     phase::running},
    {"is in error if its process is gone",
     {recovering},
     exited,
     action::finish,
     phase::error},
    {"is ended if its agent stays away",
     {recovering},
     failed,
     action::terminate,
     phase::failing},
    {"can be stopped", {recovering}, stop, action::ask, phase::stopping},
  };
  walk(table, machine{});
  machine m;
  m.recovering();
  CHECK(m.state() == context_state::running);
  CHECK(m.coming_back());
}

TEST_CASE("a context shows that it restarts, and why") {
  conf::context_limits rules;
  rules.restart = conf::restart_mode::always;
  machine m{rules, false, [] { return 0.0; }};
  m.ready(0);
  m.failed({"lost", "", "", ""});
  CHECK(m.state() == context_state::restarting);
  m.exited({{1, 1}, true, 0, SIGKILL}, 0);
  CHECK(m.state() == context_state::restarting);
  CHECK(m.reason().message == "lost");
  CHECK(m.delay() == rules.restart_backoff);
  m.relaunch();
  CHECK(m.state() == context_state::restarting);
  m.ready(0);
  CHECK(m.state() == context_state::running);
  CHECK(m.reason().message.empty());
}

TEST_CASE("a context that fails too often gives up and says so") {
  conf::context_limits rules;
  rules.restart = conf::restart_mode::on_failure;
  rules.restart_limit = 1;
  machine m{rules};
  m.ready(0);
  m.exited({{1, 1}, true, 0, SIGKILL}, 0);
  m.relaunch();
  m.exited({{1, 1}, true, 0, SIGKILL}, 1);
  CHECK(m.state() == context_state::error);
  CHECK(m.reason().message.find("failed 2 times") != std::string::npos);
}

TEST_CASE("a context that could not be started says why") {
  machine m;
  CHECK(m.not_started({"no Spark there", "", "", ""}, 0) == action::finish);
  CHECK(m.state() == context_state::error);
  CHECK(m.reason().message == "no Spark there");
}

TEST_CASE("the first reason of a failure stays") {
  machine m;
  m.failed({"first", "", "", ""});
  m.failed({"second", "", "", ""});
  m.exited({{1, 1}, true, 0, SIGKILL}, 0);
  CHECK(m.reason().message == "first");
}

TEST_CASE("a process that dies unasked leaves how it died as the reason") {
  machine m;
  m.ready(0);
  m.exited({{1, 1}, true, 0, SIGKILL}, 0);
  CHECK(m.reason().message.find("signal 9") != std::string::npos);
}
