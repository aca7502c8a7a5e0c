#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

class queue_fixture : public fixture {
public:
  queue_fixture() {
    upload("jar", "PK\3\4");
    agent = running_context("ctx", {{"max-jobs-per-context", "1"}});
  }

  std::shared_ptr<answer<job_record>> enqueue(std::int32_t priority = 0,
                                              std::int64_t max_wait_ms = -1,
                                              bool sync = false) {
    job_request x;
    x.context = "ctx";
    x.binaries = {"jar"};
    x.main_class = "some.Job";
    x.config = "{}";
    x.queue = queueing::yes;
    x.priority = priority;
    x.max_wait_ms = max_wait_ms;
    x.sync = sync;
    return ask<job_record>(supervisor, atom::run_v, x);
  }

  std::shared_ptr<answer<job_record>> with_key(const std::string& key,
                                               const std::string& config,
                                               bool sync = true) {
    job_request x;
    x.context = "ctx";
    x.binaries = {"jar"};
    x.main_class = "some.Job";
    x.config = config;
    x.sync = sync;
    x.key = key;
    return ask<job_record>(supervisor, atom::run_v, x);
  }

  /// What a history says, `STATE TEXT|` each.
  template <class... Ts>
  std::string told(Ts... xs) {
    auto all = ask<state_history>(store, atom::history_v, xs...);
    REQUIRE(all->value.has_value());
    std::string result;
    for (auto& x : all->value->entries)
      result += x.state + " " + x.text + "|";
    return result;
  }

  std::string context_told() {
    return told(atom::by_name_v, std::string{"ctx"});
  }

  std::size_t jobs_sent() const {
    return agent->of(protocol::kind::run_job).size();
  }

  std::shared_ptr<fake_agent> agent;
};

} // namespace

TEST_CASE_FIXTURE(queue_fixture, "a queued job is answered with its place and "
                                 "sent once there is a slot") {
  submit("ctx", false);
  auto first = last_job(*agent);
  auto low = enqueue();
  auto high = enqueue(7);
  REQUIRE(low->value.has_value());
  CHECK(low->value->state == job_state::started);
  CHECK(low->value->queued == 1);
  CHECK(high->value->queued == 1);
  CHECK(job_now(low->value->id).queued == 2);
  CHECK(jobs_sent() == 1);
  ended(*agent, first, protocol::outcome::finished, "1");
  CHECK(jobs_sent() == 2);
  CHECK(last_job(*agent) == high->value->id);
  CHECK(job_now(high->value->id).queued == 0);
  CHECK(job_now(low->value->id).queued == 1);
  ended(*agent, high->value->id, protocol::outcome::finished, "2");
  CHECK(last_job(*agent) == low->value->id);
  ended(*agent, low->value->id, protocol::outcome::finished, "3");
  CHECK(job_now(low->value->id).result == "3");
  CHECK(told(atom::by_id_v, low->value->id)
        == "STARTED |STARTED waits for a slot, priority 0|STARTED has a slot, "
           "sent to its context|FINISHED |");
}

TEST_CASE_FIXTURE(queue_fixture, "a killed job leaves the queue") {
  submit("ctx", false);
  auto waiting = enqueue();
  auto killed
    = ask<job_record>(supervisor, atom::kill_v, waiting->value->id, false);
  REQUIRE(killed->value.has_value());
  CHECK(killed->value->state == job_state::killed);
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  CHECK(jobs_sent() == 1);
  CHECK(agent->of(protocol::kind::kill_job).empty());
}

TEST_CASE_FIXTURE(queue_fixture, "a job waits no longer than it said") {
  submit("ctx", false);
  auto waiting = enqueue(0, 2000);
  auto sync = enqueue(0, 2000, true);
  pass(2500ms);
  CHECK(job_now(waiting->value->id).state == job_state::error);
  CHECK(job_now(waiting->value->id).reason.error_class
        == "hearth.QueueTimeout");
  CHECK(sync->code() == ec::no_slots);
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  CHECK(jobs_sent() == 1);
}

TEST_CASE_FIXTURE(queue_fixture, "no job is sent while the agent is away") {
  submit("ctx", false);
  auto waiting = enqueue();
  auto first = last_job(*agent);
  agent->hang_up("it is silent");
  run();
  CHECK(context_now("ctx").state == context_state::running);
  CHECK(context_now("ctx").reason.message.find("it is silent")
        != std::string::npos);
  CHECK(context_told().find("RUNNING lost its agent: it is silent|")
        != std::string::npos);
  agent = dial();
  run();
  CHECK(context_now("ctx").reason.message.empty());
  ended(*agent, first, protocol::outcome::finished, "1");
  CHECK(last_job(*agent) == waiting->value->id);
}

TEST_CASE_FIXTURE(queue_fixture,
                  "a process that was stopped is shown as such") {
  auto before = context_now("ctx");
  launcher->stopped = true;
  pass(11s);
  auto seen = context_now("ctx");
  CHECK(seen.state == context_state::running);
  CHECK(seen.reason.message.find("SIGSTOP") != std::string::npos);
  CHECK(seen.since == before.since);
  CHECK(seen.state_version > before.state_version);
  launcher->stopped = false;
  pass(11s);
  CHECK(context_now("ctx").reason.message.empty());
}

TEST_CASE_FIXTURE(queue_fixture, "an end that nobody reported is noticed") {
  launcher->alive.clear();
  pass(11s);
  CHECK(context_now("ctx").state == context_state::running);
  pass(11s);
  pass(1s); // for what it may have said last
  CHECK(context_now("ctx").state == context_state::error);
  CHECK(context_told().find("|RUNNING process 1000 ended: ended|ERROR ")
        != std::string::npos);
}

TEST_CASE_FIXTURE(queue_fixture, "requests with one key are one job") {
  auto first = with_key("k", "{}");
  auto second = with_key("k", "{}");
  auto other = with_key("k", R"({"a":1})");
  CHECK(jobs_sent() == 1);
  CHECK(other->code() == ec::key_reused);
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  run();
  REQUIRE(first->value.has_value());
  REQUIRE(second->value.has_value());
  CHECK(second->value->id == first->value->id);
  CHECK(second->value->result == "1");
  auto later = with_key("k", "{}", false);
  CHECK(later->value->id == first->value->id);
  CHECK(jobs_sent() == 1);
  CHECK(with_key("k", R"({"a":1})")->code() == ec::key_reused);
}

TEST_CASE_FIXTURE(queue_fixture, "a refused request gives its key back") {
  submit("ctx", false);
  CHECK(with_key("k", "{}")->code() == ec::no_slots);
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  auto again = with_key("k", R"({"a":1})");
  CHECK(jobs_sent() == 2);
}
