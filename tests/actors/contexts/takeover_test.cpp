// What a server does with the jobs of one that was killed.

#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// Stands before the store and refuses so many records of contexts.
caf::behavior refuse_contexts(caf::event_based_actor* self, store_actor store,
                              std::shared_ptr<int> refusals) {
  self->set_default_handler(
    [=](caf::scheduled_actor*,
        caf::message_view& x) -> caf::result<caf::message> {
      auto* element = self->current_mailbox_element();
      caf::actor_cast<caf::actor>(store)->enqueue(element->sender, element->mid,
                                                  x.move_content_to_message(),
                                                  self->context());
      element->mid.mark_as_answered();
      return caf::delegated<caf::message>{};
    });
  return {[=](atom::put, const context_record& x) -> caf::result<atom::ok> {
    if (*refusals > 0) {
      --*refusals;
      return make_error(ec::store_failed, "another process holds it");
    }
    return self->delegate(store, atom::put_v, x);
  }};
}

/// A context with one slot that comes back, and a server that is killed.
class takeover : public fixture {
public:
  takeover() {
    upload("jar", "PK\3\4");
    agent = running_context(
      "ctx", {{"max-jobs-per-context", "1"}, {"restart", "on-failure"}});
  }

  job_request request(const std::string& key = "") const {
    job_request x;
    x.context = "ctx";
    x.binaries = {"jar"};
    x.main_class = "some.Job";
    x.config = "{}";
    x.queue = queueing::yes;
    x.key = key;
    return x;
  }

  /// The id of a job that waited for a slot and was sent to the agent.
  std::string sent_from_queue() {
    submit("ctx", false);
    auto waiting = ask<job_record>(supervisor, atom::run_v, request());
    REQUIRE(waiting->value.has_value());
    ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
    REQUIRE(last_job(*agent) == waiting->value->id);
    return waiting->value->id;
  }

  /// @param sent whether its queue entry says so
  void kill_server_with_queued(const std::string& id, bool sent) {
    auto record = job_now(id);
    record.config = "{}";
    queue_entry entry;
    entry.job = id;
    entry.context_id = record.context_id;
    entry.request = agent->of(protocol::kind::run_job).back().header;
    entry.sent = sent;
    auto x = leftover();
    x.process.queued.emplace_back(record, entry);
    next_server({x});
  }

  leftover_context leftover() {
    leftover_context x;
    x.record = context_now("ctx");
    x.settings = launches->back().settings;
    x.process.token = launches->back().token;
    return x;
  }

  /// The context's process dies; the next one takes jobs.
  void another_process() {
    launcher->die(launcher->next - 1, 0, 9);
    run();
    pass(1s);
    agent = dial();
    agent->say(to_frame(protocol::context_ready{"app-2", "", "3.5"}));
    run();
    REQUIRE(context_now("ctx").state == context_state::running);
  }

  void redial(protocol::hello known = {}) {
    agent = dial(std::move(known));
    REQUIRE(agent->accepted);
    agent->say(to_frame(protocol::context_ready{"app-1", "", "3.5"}));
    run();
  }

  std::size_t jobs_sent() const {
    return agent->of(protocol::kind::run_job).size();
  }

  std::shared_ptr<fake_agent> agent;
};

} // namespace

TEST_CASE_FIXTURE(takeover,
                  "a context that is taken over lives on if the store "
                  "fails just then") {
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  auto x = leftover();
  x.process.jobs = {job_now(id)};
  auto refusals = std::make_shared<int>(2);
  auto gate = sys.spawn(refuse_contexts, store, refusals);
  helpers.push_back(gate);
  auto parts = std::make_shared<services>(*spec.services);
  parts->store = caf::actor_cast<store_actor>(gate);
  spec.services = std::move(parts);
  next_server({x});
  protocol::hello known;
  known.running = {id};
  agent = dial(known);
  REQUIRE(agent->accepted);
  agent->say(to_frame(protocol::context_ready{"app-7", "", "3.5"}));
  run();
  CHECK(*refusals == 1);
  CHECK(context_now("ctx").state == context_state::running);
  pass(spec.policy.reconcile);
  CHECK(*refusals == 0);
  pass(spec.policy.reconcile);
  auto stored = ask<context_record>(store, atom::get_v, atom::by_name_v,
                                    std::string{"ctx"});
  CHECK(stored->value->application_id == "app-7");
  CHECK(launcher->signals.empty());
  ended(*agent, id, protocol::outcome::finished, "1");
  CHECK(job_now(id).result == "1");
}

TEST_CASE_FIXTURE(takeover, "a queued job that may have run in a process that "
                            "died does not run in the next one") {
  auto id = sent_from_queue();
  kill_server_with_queued(id, true);
  CHECK(job_now(id).state == job_state::started);
  another_process();
  CHECK(jobs_sent() == 0);
  auto job = job_now(id);
  CHECK(job.state == job_state::error);
  CHECK(job.reason.message.find("Unexpected termination of context ctx")
        != std::string::npos);
}

TEST_CASE_FIXTURE(takeover, "a queued job that was not sent runs in the next "
                            "process") {
  auto id = sent_from_queue();
  kill_server_with_queued(id, false);
  another_process();
  REQUIRE(jobs_sent() == 1);
  CHECK(last_job(*agent) == id);
  ended(*agent, id, protocol::outcome::finished, "2");
  CHECK(job_now(id).result == "2");
}

TEST_CASE_FIXTURE(takeover, "a queued job that was sent and never arrived is "
                            "sent again") {
  auto id = sent_from_queue();
  kill_server_with_queued(id, true);
  redial();
  REQUIRE(jobs_sent() == 1);
  CHECK(last_job(*agent) == id);
  ended(*agent, id, protocol::outcome::finished, "2");
  CHECK(job_now(id).result == "2");
}

TEST_CASE_FIXTURE(takeover, "a queued job that arrived goes on") {
  auto id = sent_from_queue();
  kill_server_with_queued(id, true);
  protocol::hello known;
  known.running = {id};
  redial(known);
  CHECK(job_now(id).queued == 0);
  ended(*agent, id, protocol::outcome::finished, "2");
  CHECK(job_now(id).result == "2");
}

TEST_CASE_FIXTURE(takeover,
                  "a job with a key that was stored and never arrived "
                  "is sent") {
  auto x = request("k");
  x.queue = queueing::no;
  auto first = ask<job_record>(supervisor, atom::run_v, x);
  auto id = last_job(*agent);
  kill_server_with_queued(id, true);
  auto again = ask<job_record>(supervisor, atom::run_v, x);
  REQUIRE(again->value.has_value());
  CHECK(again->value->id == id);
  redial();
  REQUIRE(jobs_sent() == 1);
  CHECK(last_job(*agent) == id);
  ended(*agent, id, protocol::outcome::finished, "2");
  CHECK(job_now(id).result == "2");
}

TEST_CASE_FIXTURE(takeover, "who asks for a job that is not yet found waits "
                            "until it is") {
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  auto x = leftover();
  x.process.jobs.push_back(job_now(id));
  next_server({x});
  auto end = ask<job_record>(supervisor, atom::await_v, id, std::int64_t{5000});
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  CHECK(end->pending());
  CHECK(killed->pending());
  protocol::hello known;
  known.running = {id};
  redial(known);
  CHECK(agent->of(protocol::kind::kill_job).size() == 1);
  ended(*agent, id, protocol::outcome::killed);
  REQUIRE(end->value.has_value());
  REQUIRE(killed->value.has_value());
  CHECK(end->value->state == job_state::killed);
  CHECK(killed->value->state == job_state::killed);
}
