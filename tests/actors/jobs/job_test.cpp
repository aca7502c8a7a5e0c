#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

TEST_CASE_FIXTURE(fixture, "a sync job is answered with its result") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  auto job = submit("ctx", true);
  auto id = last_job(*agent);
  started(*agent, id);
  CHECK(job->pending());
  ended(*agent, id, protocol::outcome::finished, "[2,4,6]");
  REQUIRE(job->value.has_value());
  CHECK(job->value->state == job_state::finished);
  CHECK(job->value->result == "[2,4,6]");
  CHECK(job_now(id).result == "[2,4,6]");
  CHECK(agent->of(protocol::kind::job_stored).size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a job that cannot be sent lets go of its binary") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  job_request x;
  x.context = "ctx";
  x.binaries = {"jar"};
  x.main_class = "\xff"; // no UTF-8
  auto job = ask<job_record>(supervisor, atom::run_v, x);
  CHECK(job->code() == ec::bad_request);
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, std::string{"jar"})
          ->value.has_value());
}

TEST_CASE_FIXTURE(fixture, "a sync client is answered when its job's end is "
                           "stored") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  auto client = submit("ctx", true);
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  REQUIRE(client->value.has_value());
  CHECK(client->value->result == "1");
  CHECK(job_now(last_job(*agent)).result == "1");
  submit("ctx", true);
  started(*agent, last_job(*agent));
  CHECK(job_now(last_job(*agent)).state == job_state::running);
  ended(*agent, last_job(*agent), protocol::outcome::finished, "2");
  CHECK(job_now(last_job(*agent)).result == "2");
}

TEST_CASE_FIXTURE(fixture, "a large configuration is sent to its agent without "
                           "being copied") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  job_request large;
  large.context = "ctx";
  large.binaries = {"jar"};
  large.main_class = "A";
  large.config = "{\"x\":\"" + std::string(1 << 20, 'x') + "\"}";
  large.sync = true;
  auto job = ask<job_record>(supervisor, atom::run_v, large);
  REQUIRE(agent->payloads.size() == 1);
  CHECK(&agent->payloads[0].text() == &large.config.text());
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  REQUIRE(job->value.has_value());
  CHECK(job->value->result == "1");
  CHECK(job_now(last_job(*agent)).result == "1");
}

TEST_CASE_FIXTURE(fixture, "an async job is answered when it is stored and has "
                           "passed its validation") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  auto job = submit("ctx", false);
  auto id = last_job(*agent);
  CHECK(job->pending());
  started(*agent, id);
  REQUIRE(job->value.has_value());
  CHECK(job->value->state == job_state::started);
  CHECK(job_now(id).state == job_state::running);
  ended(*agent, id, protocol::outcome::finished, "1");
  CHECK(job_now(id).state == job_state::finished);
}

TEST_CASE_FIXTURE(fixture, "a job that fails its validation is refused, sync "
                           "and async, and kept as ERROR") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  for (auto sync : {true, false}) {
    auto job = submit("ctx", sync);
    auto id = last_job(*agent);
    agent->say(to_frame(
      protocol::job_refused{id,
                            protocol::refusal::validation_failed,
                            {"One(no input)", "java.lang.Throwable", "at"}}));
    run();
    CHECK(job->code() == ec::validation_failed);
    CHECK(job->message() == "One(no input)");
    CHECK(job_now(id).state == job_state::error);
  }
}

TEST_CASE_FIXTURE(fixture, "a job from a binary that is not there leaves no "
                           "record and no slot taken") {
  running_context("ctx");
  for (int i = 0; i < 5; ++i)
    CHECK(submit("ctx", true)->message() == "appName jar not found");
  CHECK(ask<std::vector<job_record>>(store, atom::list_v, job_filter{})
          ->value->empty());
}

TEST_CASE_FIXTURE(fixture, "a job in a context that is not there is refused") {
  CHECK(submit("nope", true)->message() == "context nope not found");
}

TEST_CASE_FIXTURE(fixture, "slots are counted, and free again at once") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto first = last_job(*agent);
  submit("ctx", false);
  auto third = submit("ctx", false);
  CHECK(third->code() == ec::no_slots);
  CHECK(third->message() == "Too many running jobs (2) for job context 'ctx'");
  ended(*agent, first, protocol::outcome::finished, "1");
  CHECK(submit("ctx", false)->pending());
}

TEST_CASE_FIXTURE(fixture, "a sync wait that runs out names the job, which "
                           "runs on") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  auto job = submit("ctx", true, 1000);
  auto id = last_job(*agent);
  pass(1s);
  CHECK(job->code() == ec::job_timeout);
  CHECK(problem_of(*job->error).subject == id);
  CHECK(job->message().find("Try using the /jobs/<jobID>")
        != std::string::npos);
  CHECK(job_now(id).state == job_state::started);
  ended(*agent, id, protocol::outcome::finished, "7");
  CHECK(job_now(id).result == "7");
}

TEST_CASE_FIXTURE(fixture, "a kill is answered once the job's end was seen") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  CHECK(agent->of(protocol::kind::kill_job).size() == 1);
  CHECK(killed->pending());
  ended(*agent, id, protocol::outcome::finished, "7");
  REQUIRE(killed->value.has_value());
  CHECK(killed->value->state == job_state::killed);
  CHECK(job_now(id).reason.message == "Job " + id + " killed");
  CHECK(ask<job_record>(supervisor, atom::kill_v, id, false)->message()
        == "No running job with ID " + id);
}

TEST_CASE_FIXTURE(fixture, "a job that ignores its kill is said to do so, if "
                           "its process is to be left alone") {
  upload("jar", "x");
  auto agent = running_context("ctx", {{"kill-escalation", "none"}});
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  pass(5s);
  CHECK(killed->code() == ec::deadline);
  CHECK(killed->message().find("force=true") != std::string::npos);
  CHECK(launcher->signals.empty());
}

TEST_CASE_FIXTURE(fixture, "killing a job that nobody knows is an error") {
  CHECK(ask<job_record>(supervisor, atom::kill_v, std::string{"nope"}, false)
          ->message()
        == "No such job ID nope");
}

TEST_CASE_FIXTURE(fixture, "a job that failed is answered to its kill as it "
                           "is") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  ended(*agent, id, protocol::outcome::error);
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  REQUIRE(killed->value.has_value());
  CHECK(killed->value->state == job_state::error);
  CHECK(killed->value->reason.message == "Foobar");
}

TEST_CASE_FIXTURE(fixture, "a large result comes in parts against credit") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  auto job = submit("ctx", true);
  auto id = last_job(*agent);
  started(*agent, id);
  agent->say(protocol::result_part_frame(id, "[1,"));
  agent->say(protocol::result_part_frame(id, "2,"));
  run();
  CHECK(agent->of(protocol::kind::credit).size() == 2);
  ended(*agent, id, protocol::outcome::finished, "3]");
  CHECK(job->value.value().result == "[1,2,3]");
}

namespace {

/// What the server answered to the last request for a part of a file.
std::pair<protocol::file_block, std::string> last_block(const fake_agent& x) {
  auto block = x.of(protocol::kind::file_block).back();
  return {protocol::parse_file_block(block), block.payload};
}

} // namespace

TEST_CASE_FIXTURE(fixture, "an agent reads data files and its job's binaries "
                           "through the server") {
  upload("jar", "the jar");
  auto path = put_data("some data");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto job = protocol::parse_run_job(agent->of(protocol::kind::run_job).back());
  auto ask_for = [&](protocol::read_file x) {
    x.job = job.job;
    agent->say(to_frame(x));
    run();
    return last_block(*agent);
  };
  auto [head, bytes] = ask_for({{}, 1, path, {}, 0, 4});
  CHECK(head.request == 1);
  CHECK(head.size == 9);
  CHECK(head.error.empty());
  CHECK(bytes == "some");
  CHECK(ask_for({{}, 2, path, {}, 4, 100}).second == " data");
  auto& binary = job.binaries.front();
  CHECK(ask_for({{}, 3, {}, binary.digest, 0, 100}).second
        == jar_with("the jar"));
  CHECK(ask_for({{}, 4, {}, "00ff", 0, 100}).first.error
        == "no binary of the job has the digest '00ff'");
  CHECK(ask_for({{}, 5, "/etc/passwd", {}, 0, 100})
          .first.error.starts_with("'/etc/passwd' is no data file"));
  CHECK(ask_for({{}, 6, "gone.dat", {}, 0, 100}).first.error
        == "Unknown file: gone.dat");
}

TEST_CASE_FIXTURE(fixture, "an agent reads nothing for a job that is over") {
  upload("jar", "x");
  auto path = put_data("some data");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto id = last_job(*agent);
  ended(*agent, id, protocol::outcome::finished, "1");
  agent->say(to_frame(protocol::read_file{id, 1, path, {}, 0, 100}));
  run();
  CHECK(last_block(*agent).first.error == "job " + id + " is over");
}

TEST_CASE_FIXTURE(fixture, "a binary in use by a job cannot be deleted") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto id = last_job(*agent);
  auto erased
    = ask<atom::ok>(binaries_handle, atom::erase_v, std::string{"jar"});
  CHECK(erased->code() == ec::binary_in_use);
  CHECK(erased->message() == "Binary is in use by job(s): " + id);
  ended(*agent, id, protocol::outcome::finished, "1");
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, std::string{"jar"})
          ->value.has_value());
}

TEST_CASE_FIXTURE(fixture, "a context that is stopped ends its jobs in ERROR") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  CHECK(job_now(id).state == job_state::error);
  CHECK(submit("ctx", true)->code() == ec::context_stopping);
}

TEST_CASE_FIXTURE(fixture, "a job without a context gets one of its own, which "
                           "ends with it") {
  upload("jar", "x");
  auto job = submit("", true);
  auto agent = dial();
  agent->say(to_frame(protocol::context_ready{"app", "", ""}));
  run();
  auto id = last_job(*agent);
  started(*agent, id);
  ended(*agent, id, protocol::outcome::finished, "5");
  REQUIRE(job->value.has_value());
  CHECK(job->value->context_name.find("-some.Job") != std::string::npos);
  CHECK(agent->of(protocol::kind::stop).size() == 1);
  launcher->die(1000, 0, 0);
  run();
  CHECK(context_now(job->value->context_name).state == context_state::finished);
}

TEST_CASE_FIXTURE(fixture, "an agent that breaks the protocol about a job "
                           "costs that job, not the server") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  auto job = submit("ctx", true);
  auto id = last_job(*agent);
  agent->say({protocol::kind::job_ended, R"({"job":")" + id + R"("})", ""});
  run();
  REQUIRE(job->value.has_value());
  CHECK(job->value->state == job_state::error);
  CHECK(agent->closed);
}
