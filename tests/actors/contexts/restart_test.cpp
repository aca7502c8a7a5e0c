#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

class restart_fixture : public fixture {
public:
  /// The process that was started last is ready.
  std::shared_ptr<fake_agent> back() {
    auto agent = dial();
    REQUIRE(agent->accepted);
    agent->say(to_frame(protocol::context_ready{"app-2", "", "3.5"}));
    run();
    return agent;
  }

  std::shared_ptr<answer<context_record>> restart(bool hold = true) {
    return ask<context_record>(supervisor, atom::restart_v, std::string{"ctx"},
                               hold);
  }

  /// The process that was started last.
  std::int64_t process() const {
    return launcher->next - 1;
  }

  void die(int code, int signal) {
    launcher->die(process(), code, signal);
    run();
  }

  context_state state() {
    return context_now("ctx").state;
  }
};

} // namespace

TEST_CASE_FIXTURE(restart_fixture, "a restart keeps name, id and settings and "
                                   "takes another process and token") {
  auto agent = running_context("ctx", {{"a", "b"}});
  auto before = context_now("ctx");
  auto first = launches->back();
  auto restarted = restart();
  CHECK(agent->of(protocol::kind::stop).size() == 1);
  CHECK(state() == context_state::restarting);
  die(0, 0);
  pass(1ms);
  CHECK(restarted->pending());
  CHECK(launches->size() == 2);
  CHECK(launches->back().token != first.token);
  CHECK(launches->back().settings == first.settings);
  back();
  REQUIRE(restarted->value.has_value());
  auto after = context_now("ctx");
  CHECK(after.state == context_state::running);
  CHECK(after.id == before.id);
  CHECK(after.process.pid != before.process.pid);
  CHECK(after.application_id == "app-2");
  CHECK(after.reason.message.empty());
}

TEST_CASE_FIXTURE(restart_fixture, "an agent of the process before is turned "
                                   "away") {
  running_context("ctx");
  auto old = launches->back();
  restart();
  die(0, 0);
  pass(1ms);
  auto late = std::make_shared<fake_agent>();
  protocol::hello hello;
  hello.context_id = old.context_id;
  hello.token = old.token;
  caf::anon_send(supervisor, agent_hello{late, hello});
  run();
  CHECK_FALSE(late->accepted);
}

TEST_CASE_FIXTURE(restart_fixture, "jobs end with a restart, and those that "
                                   "arrive meanwhile wait") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  auto running = submit("ctx", true);
  started(*agent, last_job(*agent));
  restart();
  REQUIRE(running->value.has_value());
  CHECK(running->value->state == job_state::error);
  CHECK(running->value->reason.message.find("a restart was asked for")
        != std::string::npos);
  auto waiting = submit("ctx", true);
  CHECK(waiting->pending());
  die(0, 0);
  pass(1ms);
  auto next = back();
  ended(*next, last_job(*next), protocol::outcome::finished, "1");
  CHECK(waiting->value->result == "1");
}

TEST_CASE_FIXTURE(restart_fixture, "what a sync job waits for its context is "
                                   "part of its time-out") {
  upload("jar", "x");
  running_context("ctx");
  restart();
  auto waiting = submit("ctx", true, 10'000);
  die(0, 0);
  pass(6s);
  auto next = back();
  CHECK(next->of(protocol::kind::run_job).size() == 1);
  pass(3s);
  CHECK(waiting->pending());
  pass(1s);
  CHECK(waiting->code() == ec::job_timeout);
}

TEST_CASE_FIXTURE(restart_fixture, "a reset is answered, also if a context of "
                                   "the configuration does not stop in time") {
  spec.start_contexts = {{"ctx", {}}};
  next_server({});
  running_context("ctx");
  auto reset = ask<atom::ok>(supervisor, atom::reset_v);
  CHECK(reset->pending());
  pass(spec.policy.deletion_timeout);
  CHECK_FALSE(reset->pending());
}

TEST_CASE_FIXTURE(restart_fixture, "jobs are refused if the restart says so") {
  upload("jar", "x");
  running_context("ctx");
  restart(false);
  CHECK(submit("ctx", false)->code() == ec::context_stopping);
  die(0, 0);
  pass(1ms);
  back();
  CHECK(submit("ctx", false)->pending());
}

TEST_CASE_FIXTURE(restart_fixture, "who waits for a context waits a bounded "
                                   "time, in a bounded number") {
  upload("jar", "x");
  running_context("ctx", {{"restart-queue", "2"}, {"restart-wait", "20s"}});
  restart();
  auto first = submit("ctx", false);
  auto impatient = submit("ctx", true, 5'000);
  auto third = submit("ctx", false);
  CHECK(third->code() == ec::context_not_ready);
  CHECK(third->message().find("2 jobs wait") != std::string::npos);
  pass(5s);
  CHECK(impatient->code() == ec::context_not_ready);
  CHECK(first->pending());
  pass(15s);
  CHECK(first->code() == ec::context_not_ready);
}

TEST_CASE_FIXTURE(restart_fixture, "a context without a process can be "
                                   "stopped, and who waits is told") {
  upload("jar", "x");
  running_context("ctx", {{"restart", "on-failure"}});
  die(0, 11);
  CHECK(state() == context_state::restarting);
  auto waiting = submit("ctx", false);
  auto stopped
    = ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  REQUIRE(stopped->value.has_value());
  CHECK(stopped->value->state == context_state::finished);
  CHECK(waiting->code() == ec::context_terminated);
  pass(60s);
  CHECK(launches->size() == 1);
}

TEST_CASE_FIXTURE(restart_fixture, "a context that died comes back after a "
                                   "pause, until it has failed too often") {
  running_context("ctx", {{"restart", "on-failure"}, {"restart-limit", "2"}});
  die(0, 11);
  CHECK(context_now("ctx").reason.message.find("SIGSEGV") != std::string::npos);
  CHECK(launches->size() == 1);
  pass(500ms);
  CHECK(launches->size() == 2);
  die(1, 0);
  pass(500ms);
  CHECK(launches->size() == 2);
  pass(500ms);
  CHECK(launches->size() == 3);
  back();
  CHECK(state() == context_state::running);
  die(0, 9);
  pass(60s);
  CHECK(launches->size() == 3);
  auto now = context_now("ctx");
  CHECK(now.state == context_state::error);
  CHECK(now.reason.message.find("SIGKILL") != std::string::npos);
  CHECK(now.reason.message.find("failed 3 times") != std::string::npos);
}

TEST_CASE_FIXTURE(restart_fixture, "the end of a process before is no news "
                                   "to the one that runs") {
  auto agent = running_context(
    "ctx", {{"restart", "on-failure"}, {"restart-backoff", "50ms"}});
  for (std::size_t n = 2; n <= 3; ++n) {
    // Its end is known before its connection is closed.
    launcher->agents.clear();
    die(0, 9);
    agent->hang_up("the agent closed the connection");
    run();
    pass(200ms);
    REQUIRE(launches->size() == n);
    agent = back();
  }
  auto last = context_now("ctx").process;
  // Step by step: late news may cause news.
  for (int second = 0; second < 5; ++second)
    pass(1s);
  CHECK(state() == context_state::running);
  CHECK(context_now("ctx").process == last);
  CHECK(launches->size() == 3);
}

TEST_CASE_FIXTURE(restart_fixture, "jobs of a process that died quote its "
                                   "log") {
  upload("jar", "x");
  *log = "hearth-agent-native: signal 11 (SIGSEGV) in job 1";
  auto agent = running_context("ctx", {{"restart", "always"}});
  auto job = submit("ctx", true);
  started(*agent, last_job(*agent));
  die(0, 11);
  REQUIRE(job->value.has_value());
  CHECK(job->value->reason.message.find("SIGSEGV") != std::string::npos);
  CHECK(job->value->reason.stack.find(*log) != std::string::npos);
}

TEST_CASE_FIXTURE(restart_fixture, "jobs are refused while it comes back, if "
                                   "the settings say so") {
  upload("jar", "x");
  running_context("ctx",
                  {{"restart", "always"}, {"jobs-while-restarting", "refuse"}});
  die(0, 11);
  CHECK(submit("ctx", false)->code() == ec::context_not_ready);
}

TEST_CASE_FIXTURE(restart_fixture, "an init job runs before others are let "
                                   "in, in each process") {
  upload("jar", "x");
  auto created = create("ctx", {{"init-job.mainClass", "load.Table"},
                                {"init-job.cp", "jar"},
                                {"init-job.config.file.name", "t.csv"},
                                {"init-job.config.rows", setting::json("12")},
                                {"restart", "on-failure"}});
  for (int process = 0; process < 2; ++process) {
    auto agent = back();
    auto frame = agent->of(protocol::kind::run_job).at(0);
    CHECK(protocol::parse_run_job(frame).main_class == "load.Table");
    CHECK(frame.payload == R"({"file":{"name":"t.csv"},"rows":12})");
    CHECK(state() != context_state::running);
    ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
    CHECK(created->value.has_value());
    CHECK(state() == context_state::running);
    die(0, 11);
    pass(500ms);
  }
}

TEST_CASE_FIXTURE(restart_fixture, "an init job that fails is an error of the "
                                   "context's start") {
  upload("jar", "x");
  auto created = create(
    "ctx", {{"init-job.mainClass", "load.Table"}, {"init-job.cp", "jar"}});
  auto agent = back();
  ended(*agent, last_job(*agent), protocol::outcome::error);
  die(0, 15);
  CHECK(created->code() == ec::context_init_failed);
  CHECK(created->message() == "the init job load.Table failed: Foobar");
}

TEST_CASE_FIXTURE(restart_fixture, "an init job needs a class and a binary") {
  CHECK(create("ctx", {{"init-job.cp", "jar"}})->code() == ec::bad_request);
}

TEST_CASE_FIXTURE(restart_fixture, "a context ends when no job comes") {
  upload("jar", "x");
  auto agent = running_context("ctx", {{"idle-timeout", "60s"}});
  pass(50s);
  submit("ctx", false);
  pass(300s);
  CHECK(state() == context_state::running);
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  pass(50s);
  CHECK(state() == context_state::running);
  pass(10s);
  CHECK(state() == context_state::stopping);
  die(0, 0);
  auto now = context_now("ctx");
  CHECK(now.state == context_state::finished);
  CHECK(now.reason.message.find("idle-timeout") != std::string::npos);
}

TEST_CASE_FIXTURE(restart_fixture, "an old context ends with its last job") {
  upload("jar", "x");
  auto agent = running_context("ctx", {{"max-lifetime", "60s"}});
  submit("ctx", false);
  pass(60s);
  CHECK(state() == context_state::running);
  CHECK(submit("ctx", false)->code() == ec::context_stopping);
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  CHECK(state() == context_state::stopping);
}

TEST_CASE_FIXTURE(restart_fixture, "an old context that is always restarted "
                                   "gets another process") {
  running_context("ctx", {{"max-lifetime", "60s"}, {"restart", "always"}});
  pass(60s);
  CHECK(state() == context_state::restarting);
  die(0, 0);
  pass(1ms);
  back();
  CHECK(state() == context_state::running);
}

TEST_CASE_FIXTURE(restart_fixture, "a job that fails ends its context, if the "
                                   "settings say so") {
  upload("jar", "x");
  auto agent = running_context("ctx", {{"stop-context-on-job-error", "true"}});
  submit("ctx", false);
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  CHECK(state() == context_state::running);
  submit("ctx", false);
  ended(*agent, last_job(*agent), protocol::outcome::error);
  CHECK(state() == context_state::stopping);
}

TEST_CASE_FIXTURE(restart_fixture, "a job that does not end when it is killed "
                                   "takes its process along") {
  upload("jar", "x");
  auto agent = running_context("ctx", {{"restart", "on-failure"}});
  auto job = submit("ctx", true, 600'000);
  auto id = last_job(*agent);
  started(*agent, id);
  auto other = submit("ctx", true, 600'000);
  started(*agent, last_job(*agent));
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  CHECK(agent->of(protocol::kind::kill_job).size() == 1);
  pass(4s);
  CHECK(killed->pending());
  CHECK(launcher->signals.empty());
  pass(1s);
  REQUIRE(killed->value.has_value());
  CHECK(killed->value->state == job_state::killed);
  CHECK(killed->value->reason.message == "Job " + id + " killed");
  CHECK(killed->value->reason.stack.find("ended the process of context ctx")
        != std::string::npos);
  CHECK(launcher->signals.front().second == 9);
  CHECK(other->value->state == job_state::error);
  CHECK(other->value->reason.message.find(id) != std::string::npos);
  pass(500ms);
  back();
  CHECK(state() == context_state::running);
}

TEST_CASE_FIXTURE(restart_fixture, "a killed job is KILLED no sooner than its "
                                   "process is gone") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  auto stopped
    = ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  CHECK(killed->pending());
  die(0, 0);
  REQUIRE(killed->value.has_value());
  CHECK(killed->value->state == job_state::killed);
}

TEST_CASE_FIXTURE(restart_fixture, "a kill by force does not wait") {
  upload("jar", "x");
  auto agent = running_context("ctx", {{"kill-escalation", "none"}});
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, true);
  REQUIRE(killed->value.has_value());
  CHECK(killed->value->state == job_state::killed);
  CHECK(state() == context_state::error);
}
