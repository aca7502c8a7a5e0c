#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// CAF keeps the deadline of a request until it is due, also when the answer
/// has come: an actor that lives as long as the server collects them.
struct deadlines : fixture {
  deadlines() {
    upload("jar", "x");
    agent = running_context("ctx");
    latest = sched.clock().now() + 1h;
  }

  /// How many of them are far away.
  std::size_t left() const {
    std::size_t result = 0;
    for (auto& [time, what] : sched.clock().schedule())
      result += time > latest ? 1 : 0;
    return result;
  }

  job_request sync_job(const std::string& context, const std::string& key) {
    job_request x;
    x.context = context;
    x.binaries = {"jar"};
    x.main_class = "some.Job";
    x.config = "{}";
    x.sync = true;
    x.key = key;
    return x;
  }

  void finish_last(fake_agent& of) {
    ended(of, last_job(of), protocol::outcome::finished, "1");
  }

  std::shared_ptr<fake_agent> agent;
  std::chrono::steady_clock::time_point latest;
};

} // namespace

TEST_CASE_FIXTURE(deadlines,
                  "a context that came and went leaves no deadline") {
  auto gone
    = ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  launcher->die(1000, 0, 0);
  run();
  REQUIRE(gone->value.has_value());
  CHECK(left() == 0);
}

TEST_CASE_FIXTURE(deadlines, "a context with a key leaves no deadline") {
  context_request x{"other", {}, false};
  x.key = "k";
  auto created = ask<context_record>(supervisor, atom::create_v, x);
  dial()->say(to_frame(protocol::context_ready{"app", "", ""}));
  run();
  REQUIRE(created->value.has_value());
  CHECK(left() == 0);
}

TEST_CASE_FIXTURE(deadlines, "a job with a key leaves no deadline, asked for "
                             "once or twice") {
  auto first = ask<job_record>(supervisor, atom::run_v, sync_job("ctx", "k"));
  auto patient = sync_job("ctx", "k");
  patient.timeout_ms = 24 * 3'600'000;
  auto second = ask<job_record>(supervisor, atom::run_v, patient);
  finish_last(*agent);
  REQUIRE(first->value.has_value());
  REQUIRE(second->value.has_value());
  CHECK(left() == 0);
}

TEST_CASE_FIXTURE(deadlines, "a job that is awaited and killed leaves no "
                             "deadline") {
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  auto end = ask<job_record>(supervisor, atom::await_v, id, std::int64_t{5000});
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  ended(*agent, id, protocol::outcome::killed);
  REQUIRE(end->value.has_value());
  REQUIRE(killed->value.has_value());
  CHECK(left() == 0);
}

TEST_CASE_FIXTURE(deadlines, "a job with a context of its own leaves no "
                             "deadline") {
  auto job = ask<job_record>(supervisor, atom::run_v, sync_job("", ""));
  auto own = dial();
  own->say(to_frame(protocol::context_ready{"app", "", ""}));
  run();
  finish_last(*own);
  launcher->die(1001, 0, 0);
  run();
  REQUIRE(job->value.has_value());
  CHECK(left() == 0);
}
