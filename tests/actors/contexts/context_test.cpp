#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

TEST_CASE_FIXTURE(fixture, "a context is answered when its agent is ready") {
  auto created = create("ctx");
  CHECK(created->pending());
  auto agent = dial();
  CHECK(agent->accepted);
  CHECK(created->pending());
  agent->say(to_frame(protocol::context_ready{"app-1", "http://ui", "3.5"}));
  run();
  REQUIRE(created->value.has_value());
  CHECK(created->value->state == context_state::running);
  auto now = context_now("ctx");
  CHECK(now.application_id == "app-1");
  CHECK(now.process.pid == 1000);
}

TEST_CASE_FIXTURE(fixture, "a name that is taken is refused") {
  running_context("ctx");
  auto second = create("ctx");
  CHECK(second->code() == ec::context_exists);
  CHECK(second->message() == "context ctx exists");
}

TEST_CASE_FIXTURE(fixture, "a name has to start with a letter") {
  CHECK(create("1abc")->message() == "context name must start with letters");
  CHECK(create("")->code() == ec::context_name_invalid);
  CHECK(create("a/b")->code() == ec::context_name_invalid);
}

TEST_CASE_FIXTURE(fixture, "an agent with a wrong token is turned away") {
  create("ctx");
  auto stranger = std::make_shared<fake_agent>();
  protocol::hello hello;
  hello.context_id = launches->back().context_id;
  hello.token = "guess";
  caf::anon_send(supervisor, agent_hello{stranger, hello});
  run();
  CHECK_FALSE(stranger->accepted);
  CHECK_FALSE(stranger->rejected.empty());
}

TEST_CASE_FIXTURE(fixture, "an agent of no context is turned away") {
  auto stranger = std::make_shared<fake_agent>();
  caf::anon_send(supervisor, agent_hello{stranger, {}});
  run();
  CHECK_FALSE(stranger->rejected.empty());
}

TEST_CASE_FIXTURE(fixture, "a process that cannot be started fails the context "
                           "and frees its name") {
  *launch_failure = "there is no Spark in /nowhere";
  auto created = create("ctx");
  CHECK(created->code() == ec::context_init_failed);
  CHECK(created->message() == "there is no Spark in /nowhere");
  CHECK(context_now("ctx").state == context_state::error);
  launch_failure->clear();
  running_context("ctx");
}

TEST_CASE_FIXTURE(fixture, "a context that fails to start quotes its log and "
                           "leaves no process") {
  *log = "the end of the log";
  auto created = create("ctx");
  auto agent = dial();
  agent->say(protocol::context_failed_frame(
    {"Could not parse Master URL", "org.apache.spark.SparkException", "at y"}));
  run();
  CHECK(created->pending());
  REQUIRE(launcher->signals.size() == 1);
  CHECK(launcher->signals[0].second == 15);
  launcher->die(1000, 1, 0);
  run();
  CHECK(created->code() == ec::context_init_failed);
  auto why = problem_of(*created->error);
  CHECK(why.message == "Could not parse Master URL");
  CHECK(why.error_class == "org.apache.spark.SparkException");
  CHECK(why.stack.find("the end of the log") != std::string::npos);
  CHECK(launcher->forgotten == std::vector<std::int64_t>{1000});
}

TEST_CASE_FIXTURE(fixture, "a failing process that ignores SIGTERM is killed") {
  create("ctx");
  auto agent = dial();
  agent->say(protocol::context_failed_frame({"no", "", ""}));
  run();
  pass(5s);
  CHECK(launcher->signals.back().second == 9);
  run();
  CHECK(context_now("ctx").state == context_state::error);
}

TEST_CASE_FIXTURE(fixture, "a context that is not ready in time is ended") {
  auto created = create("ctx");
  pass(60s);
  pass(5s);
  CHECK(created->code() == ec::context_init_failed);
  CHECK(created->message().find("60000 ms") != std::string::npos);
  CHECK(launcher->alive.empty());
}

TEST_CASE_FIXTURE(fixture, "a process that dies while starting is told at "
                           "once, with how it ended") {
  auto created = create("ctx");
  launcher->die(1000, 1, 0);
  run();
  CHECK(created->code() == ec::context_init_failed);
  CHECK(created->message().find("exited with code 1") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a stop asks the agent and is answered when the "
                           "process is gone") {
  auto agent = running_context("ctx");
  auto stopped
    = ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  CHECK(agent->of(protocol::kind::stop).size() == 1);
  CHECK(stopped->pending());
  CHECK(context_now("ctx").state == context_state::stopping);
  launcher->die(1000, 0, 0);
  run();
  REQUIRE(stopped->value.has_value());
  CHECK(stopped->value->state == context_state::finished);
  CHECK(context_now("ctx").state == context_state::finished);
  CHECK(
    ask<std::vector<std::string>>(supervisor, atom::list_v)->value->empty());
  running_context("ctx");
}

TEST_CASE_FIXTURE(fixture, "a stop that takes longer is answered as pending, "
                           "then enforced") {
  running_context("ctx");
  auto stopped
    = ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  pass(40s);
  CHECK(stopped->code() == ec::context_stop_pending);
  CHECK(launcher->signals.back().second == 15);
  pass(5s);
  CHECK(launcher->signals.back().second == 9);
  CHECK(context_now("ctx").state == context_state::finished);
}

TEST_CASE_FIXTURE(fixture, "a stop by force does not ask") {
  auto agent = running_context("ctx");
  auto stopped
    = ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, true);
  CHECK(agent->of(protocol::kind::stop).empty());
  REQUIRE(stopped->value.has_value());
  CHECK(launcher->signals.front().second == 9);
}

TEST_CASE_FIXTURE(fixture, "stopping what is not there is an error") {
  auto stopped
    = ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  CHECK(stopped->message() == "context ctx not found");
}

TEST_CASE_FIXTURE(fixture, "a process killed from outside is noticed, its jobs "
                           "end, its name is free") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  auto job = submit("ctx", true);
  started(*agent, last_job(*agent));
  launcher->die(1000, 0, 9);
  run();
  REQUIRE(job->value.has_value());
  CHECK(job->value->state == job_state::error);
  CHECK(job->value->reason.message.find("Unexpected termination of context ctx")
        == 0);
  auto now = context_now("ctx");
  CHECK(now.state == context_state::error);
  CHECK(now.reason.message.find("signal 9") != std::string::npos);
  running_context("ctx");
}

TEST_CASE_FIXTURE(fixture, "a job whose settings its context does not have is "
                           "refused by their names") {
  upload("jar", "x");
  auto agent
    = running_context("ctx", {{"spark.x", "1"},
                              {"num-cpu-cores", setting::json("2")},
                              {"spark.jars", setting::json(R"(["a","b"])")}});
  auto ask_with = [&](settings_map settings) {
    job_request x;
    x.context = "ctx";
    x.binaries = {"jar"};
    x.main_class = "some.Job";
    x.config = "{}";
    x.settings = std::move(settings);
    return ask<job_record>(supervisor, atom::run_v, x);
  };
  auto same = ask_with({{"spark.x", "1"},
                        {"num-cpu-cores", "2"},
                        {"spark.jars", "a,b"},
                        {"spark.proxy.user", "u"}});
  CHECK_FALSE(same->error);
  auto other = ask_with({{"spark.x", "2"}, {"spark.password", "secret"}});
  REQUIRE(other->code() == ec::bad_request);
  CHECK(other->message()
        == "context ctx was made with other settings: spark.password, spark.x; "
           "settings count for a job without the parameter 'context', which "
           "gets a context of its own");
}

TEST_CASE_FIXTURE(fixture, "an agent that hangs up may come back") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  auto job = submit("ctx", true, 60'000);
  auto id = last_job(*agent);
  started(*agent, id);
  agent->hang_up("connection reset");
  run();
  auto again = dial();
  CHECK(again->accepted);
  CHECK(last_job(*again) == id);
  ended(*again, id, protocol::outcome::finished, "42");
  REQUIRE(job->value.has_value());
  CHECK(job->value->result == "42");
  pass(30s);
  CHECK(context_now("ctx").state == context_state::running);
}

TEST_CASE_FIXTURE(fixture, "an agent that does not come back is ended") {
  running_context("ctx")->hang_up("silent for 15000 ms");
  run();
  pass(10s);
  pass(5s);
  auto now = context_now("ctx");
  CHECK(now.state == context_state::error);
  CHECK(now.reason.message.find("silent for 15000 ms") != std::string::npos);
  CHECK(launcher->alive.empty());
}

TEST_CASE_FIXTURE(fixture, "settings that make no sense are refused by name") {
  auto created = create("ctx", {{"max-jobs-per-context", "many"}});
  CHECK(created->code() == ec::bad_request);
  CHECK(created->message().find("max-jobs-per-context") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a server that stops takes no more contexts") {
  running_context("ctx");
  auto closed = ask<atom::ok>(supervisor, atom::stop_all_v, false);
  CHECK(closed->pending());
  CHECK(create("other")->code() == ec::shutting_down);
  launcher->die(1000, 0, 0);
  run();
  CHECK(closed->value.has_value());
}

TEST_CASE_FIXTURE(fixture, "status shows the tree of actors") {
  upload("jar", "x");
  running_context("ctx");
  submit("ctx", false);
  auto lines
    = ask<std::vector<actor_status>>(supervisor, atom::status_v)->value.value();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].name == "supervisor");
  CHECK(lines[1].name == "context");
  CHECK(lines[1].subject == "ctx");
  CHECK(lines[1].state == "running");
  CHECK(lines[1].parent == lines[0].id);
  CHECK(lines[2].name == "job");
  CHECK(lines[2].state == "sent");
  CHECK(lines[2].parent == lines[1].id);
}

TEST_CASE_FIXTURE(fixture, "what a process said last counts, though its end "
                           "is known before it is read") {
  upload("jar", "PK\3\4");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto job = last_job(*agent);
  started(*agent, job);
  launcher->agents.clear(); // its connection is closed later
  launcher->die(launcher->next - 1, 0, 9);
  run();
  ended(*agent, job, protocol::outcome::finished, "1");
  CHECK(job_now(job).state == job_state::finished);
  CHECK(context_now("ctx").state == context_state::running);
  agent->hang_up("the agent closed the connection");
  run();
  CHECK(context_now("ctx").state == context_state::error);
}

TEST_CASE_FIXTURE(fixture, "a process is over though its connection stays") {
  auto agent = running_context("ctx");
  launcher->agents.clear();
  launcher->die(launcher->next - 1, 0, 9);
  run();
  CHECK(context_now("ctx").state == context_state::running);
  pass(1s);
  CHECK(context_now("ctx").state == context_state::error);
}

TEST_CASE_FIXTURE(fixture, "who is shown that a context is over finds its jobs "
                           "over as well") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto job = last_job(*agent);
  started(*agent, job);
  launcher->die(launcher->next - 1, 0, 9);
  context_record shown;
  job_record found;
  helpers.push_back(sys.spawn([&](caf::event_based_actor* self) {
    self->request(supervisor, caf::infinite, atom::get_v, std::string{"ctx"})
      .then([&, self](context_record& x) {
        shown = std::move(x);
        self->request(store, caf::infinite, atom::get_v, atom::by_id_v, job)
          .then([&](job_record& y) { found = std::move(y); });
      });
  }));
  run();
  CHECK(shown.state == context_state::error);
  CHECK(found.state == job_state::error);
}

TEST_CASE_FIXTURE(fixture, "a context is shown as over within a second") {
  running_context("ctx");
  *slow_drivers = true;
  launcher->die(launcher->next - 1, 0, 9);
  run();
  auto shown = ask<context_record>(supervisor, atom::get_v, std::string{"ctx"});
  CHECK(shown->pending());
  pass(1s);
  REQUIRE(shown->value.has_value());
  CHECK(shown->value->state == context_state::error);
  pass(30s); // its end is stored without them
  CHECK(context_now("ctx").end_time > 0);
}
