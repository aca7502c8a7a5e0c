#include <algorithm>
#include <functional>

#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// A context with one job, some steps of some actor into its end.
struct last_steps : fixture {
  last_steps() {
    upload("jar", "x");
    agent = running_context("ctx");
    submit("ctx", false);
    job = last_job(*agent);
    started(*agent, job);
  }

  /// @returns false if it was over in fewer steps
  bool go(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i)
      if (!sched.try_run_once())
        return false;
    return true;
  }

  /// Asks in between two steps: nothing else happens before the request lies in
  /// the mailbox of whom it asks.
  template <class T, class... Ts>
  std::shared_ptr<answer<T>> ask_now(Ts... xs) {
    sched.inline_next_enqueue();
    return ask<T>(supervisor, xs...);
  }

  void end_context() {
    launcher->die(1000, 0, 9);
  }

  void end_job() {
    agent->say(
      to_frame(protocol::job_ended{job, protocol::outcome::finished, {}}, "1"));
  }

  /// The next server waits for its agent, in vain.
  void end_recovery() {
    leftover_context x;
    x.record = context_now("ctx");
    x.settings = launches->back().settings;
    x.process.token = launches->back().token;
    x.process.jobs = {job_now(job)};
    next_server({x});
    launcher->die(1000, 0, 9);
  }

  job_request another() const {
    job_request x;
    x.context = "ctx";
    x.binaries = {"jar"};
    x.main_class = "some.Job";
    x.config = "{}";
    return x;
  }

  std::shared_ptr<fake_agent> agent;
  std::string job;
};

/// Asks at every instant of what follows an event.
/// @param check what is asked; false if the answer is wrong
/// @returns at how many instants it was right
std::size_t at_every_instant(void (last_steps::*event)(),
                             const std::function<bool(last_steps&)>& check) {
  for (std::size_t steps = 0;; ++steps) {
    last_steps x;
    (x.*event)();
    if (!x.go(steps))
      return steps;
    CAPTURE(steps);
    REQUIRE(check(x));
  }
}

template <class T>
bool is_told(const answer<T>& x, std::initializer_list<ec> what) {
  return x.error
         && std::find(what.begin(), what.end(), code_of(*x.error))
              != what.end();
}

} // namespace

TEST_CASE("a job for a context that ends is told so at every instant") {
  auto instants = at_every_instant(&last_steps::end_context, [](last_steps& x) {
    return is_told(
      *x.ask_now<job_record>(atom::run_v, x.another()),
      {ec::context_stopping, ec::context_not_found, ec::context_terminated});
  });
  CHECK(instants > 10);
}

TEST_CASE("a context that ends is not restarted at any instant, and says so") {
  auto instants = at_every_instant(&last_steps::end_context, [](last_steps& x) {
    return is_told(
      *x.ask_now<context_record>(atom::restart_v, std::string{"ctx"}, true),
      {ec::context_stopping, ec::context_not_found});
  });
  CHECK(instants > 10);
}

TEST_CASE("who stops a context that ends is told so at every instant") {
  auto instants = at_every_instant(&last_steps::end_context, [](last_steps& x) {
    auto end
      = x.ask_now<context_record>(atom::stop_v, std::string{"ctx"}, false);
    return end->value || is_told(*end, {ec::context_not_found});
  });
  CHECK(instants > 10);
}

namespace {

/// Killed by then, or over before.
bool kill_is_right(last_steps& x) {
  auto end = x.ask_now<job_record>(atom::kill_v, x.job, false);
  return end->value ? is_final(end->value->state)
                    : is_told(*end, {ec::job_not_running});
}

} // namespace

TEST_CASE("who kills the job of a context that ends sees an end of it at every "
          "instant") {
  CHECK(at_every_instant(&last_steps::end_context, kill_is_right) > 10);
}

TEST_CASE("who kills a job that ends sees an end of it at every instant") {
  CHECK(at_every_instant(&last_steps::end_job, kill_is_right) > 3);
}

TEST_CASE("who kills a job of a context that an earlier server left and that "
          "ends sees an end of it at every instant") {
  CHECK(at_every_instant(&last_steps::end_recovery, kill_is_right) > 10);
}

TEST_CASE("a job whose own context dies is told so at every instant from when "
          "that was ready") {
  std::size_t instants = 0;
  for (;; ++instants) {
    last_steps x;
    auto alone = x.another();
    alone.context.clear();
    alone.sync = true;
    auto answered = x.ask<job_record>(x.supervisor, atom::run_v, alone);
    x.dial()->say(to_frame(protocol::context_ready{"app", "", ""}));
    if (!x.go(instants))
      break;
    x.launcher->die(1001, 0, 9);
    x.run();
    CAPTURE(instants);
    REQUIRE_FALSE(answered->pending());
    CHECK((answered->value ? answered->value->state == job_state::error
                           : is_told(*answered, {ec::context_stopping,
                                                 ec::context_not_found})));
  }
  CHECK(instants > 5);
}
