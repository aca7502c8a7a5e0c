// Actors that die: nothing stays RUNNING that nobody owns, and whoever waits is
// answered.

#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// Stands before the store and refuses so many updates of jobs.
caf::behavior refuse_updates(caf::event_based_actor* self, store_actor store,
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
  return {[=](atom::update, const job_update& x,
              durability how) -> caf::result<atom::ok> {
    if (*refusals > 0) {
      --*refusals;
      return make_error(ec::store_failed, "another process holds it");
    }
    return self->delegate(store, atom::update_v, x, how);
  }};
}

/// A context with a job in some phase.
class deaths : public fixture {
public:
  deaths() {
    upload("jar", "x");
    agent = running_context("ctx", {{"max-jobs-per-context", "1"}});
  }

  job_actor actor_of(const std::string& job) const {
    return spec.services->jobs->find(job);
  }

  context_actor context_of(const std::string& name) const {
    return spec.open->find(name)->actor;
  }

  template <class Handle>
  void kill(const Handle& actor) {
    REQUIRE(actor);
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    run();
  }

  /// A job of the phase that the test names.
  std::string job_in(const std::string& phase) {
    if (phase == "queued") {
      submit("ctx", false);
      job_request x;
      x.context = "ctx";
      x.binaries = {"jar"};
      x.main_class = "some.Job";
      x.config = "{}";
      x.queue = queueing::yes;
      return ask<job_record>(supervisor, atom::run_v, x)->value->id;
    }
    client = submit("ctx", phase == "sync");
    auto id = last_job(*agent);
    if (phase != "sent")
      started(*agent, id);
    if (phase == "killing")
      killer = ask<job_record>(supervisor, atom::kill_v, id, false);
    return id;
  }

  std::shared_ptr<fake_agent> agent;
  std::shared_ptr<answer<job_record>> client;
  std::shared_ptr<answer<job_record>> killer;
};

} // namespace

TEST_CASE("a job whose actor dies is stored in ERROR, in each of its phases, "
          "and its agent is told to end it") {
  for (auto phase : {"sent", "running", "sync", "killing", "queued"}) {
    CAPTURE(phase);
    deaths x;
    auto id = x.job_in(phase);
    auto watcher = x.ask<job_record>(x.supervisor, atom::await_v, id,
                                     std::int64_t{50'000});
    auto kills = x.agent->of(protocol::kind::kill_job).size();
    x.kill(x.actor_of(id));
    auto job = x.job_now(id);
    CHECK(job.state == job_state::error);
    CHECK(job.main_class == "some.Job");
    CHECK(job.end_time > 0);
    CHECK(job.queued == 0);
    CHECK(job.reason.message.find("the server failed while it managed job")
          != std::string::npos);
    CHECK(x.agent->of(protocol::kind::kill_job).size() == kills + 1);
    CHECK_FALSE(x.actor_of(id));
    CHECK_FALSE(watcher->pending());
    if (x.client)
      CHECK_FALSE(x.client->pending());
    if (x.killer)
      CHECK_FALSE(x.killer->pending());
    // Its agent ends it; its slot and its binary are free.
    x.ended(*x.agent, id, protocol::outcome::killed);
    CHECK(x.job_now(id).state == job_state::error);
    if (std::string{phase} == "queued")
      continue;
    CHECK(x.submit("ctx", false)->pending());
    auto next = x.last_job(*x.agent);
    CHECK(next != id);
    x.ended(*x.agent, next, protocol::outcome::finished, "1");
    CHECK(x.ask<atom::ok>(x.binaries_handle, atom::erase_v, std::string{"jar"})
            ->value.has_value());
  }
}

TEST_CASE_FIXTURE(deaths, "a job is in ERROR when a handler of its actor "
                          "throws") {
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  agent->fails = true;
  ask<job_record>(supervisor, atom::kill_v, id, false); // it is to send
  CHECK_FALSE(agent->fails);
  CHECK(job_now(id).state == job_state::error);
  CHECK(context_now("ctx").state == context_state::running);
}

TEST_CASE_FIXTURE(deaths, "the next in the queue gets the slot of a job whose "
                          "actor died") {
  auto waits = job_in("queued");
  auto runs = last_job(*agent);
  kill(actor_of(runs));
  CHECK(last_job(*agent) == waits);
  ended(*agent, waits, protocol::outcome::finished, "1");
  CHECK(job_now(waits).state == job_state::finished);
}

TEST_CASE("a context whose actor dies is stored in ERROR with its jobs, in "
          "each of their phases, and its process is ended") {
  for (auto phase : {"sent", "running", "sync", "killing", "queued"}) {
    CAPTURE(phase);
    deaths x;
    auto id = x.job_in(phase);
    auto process = x.context_now("ctx").process.pid;
    REQUIRE(x.launcher->alive.count(process) == 1);
    x.kill(x.context_of("ctx"));
    CHECK(x.launcher->alive.count(process) == 0);
    auto now = x.context_now("ctx");
    CHECK(now.state == context_state::error);
    CHECK(now.end_time > 0);
    CHECK(now.reason.message.find("the server failed while it managed context "
                                  "ctx")
          != std::string::npos);
    CHECK(x.job_now(id).state == job_state::error);
    CHECK(x.agent->closed);
    if (x.client)
      CHECK_FALSE(x.client->pending());
    CHECK(x.spec.services->jobs->size() == 0);
    // The name is free again.
    CHECK(x.ask<std::vector<std::string>>(x.supervisor, atom::list_v)
            ->value->empty());
    CHECK(x.running_context("ctx"));
  }
}

TEST_CASE_FIXTURE(fixture, "a context whose actor dies while it starts answers "
                           "its client") {
  auto created = create("ctx");
  REQUIRE(created->pending());
  caf::anon_send_exit(spec.open->find("ctx")->actor, caf::exit_reason::kill);
  run();
  CHECK(created->error.has_value());
  CHECK(launcher->alive.empty());
  CHECK(context_now("ctx").state == context_state::error);
}

TEST_CASE_FIXTURE(deaths, "a context whose actor dies while it stops answers "
                          "its client") {
  auto stopped
    = ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  REQUIRE(stopped->pending());
  kill(context_of("ctx"));
  CHECK_FALSE(stopped->pending());
  CHECK(launcher->alive.empty());
  CHECK(context_now("ctx").state == context_state::error);
}

TEST_CASE_FIXTURE(deaths, "jobs that no agent has claimed end with the actor "
                          "of their context") {
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  leftover_context x;
  x.record = context_now("ctx");
  x.settings = launches->back().settings;
  x.process.token = launches->back().token;
  x.process.jobs = {job_now(id)};
  next_server({x});
  REQUIRE_FALSE(actor_of(id));
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  CHECK(killed->pending());
  kill(context_of("ctx"));
  CHECK_FALSE(killed->pending());
  CHECK(job_now(id).state == job_state::error);
  CHECK(context_now("ctx").state == context_state::error);
}

TEST_CASE_FIXTURE(deaths, "jobs of a dead context are ended again and again "
                          "until the store takes it") {
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  leftover_context x;
  x.record = context_now("ctx");
  x.settings = launches->back().settings;
  x.process.token = launches->back().token;
  x.process.jobs = {job_now(id)};
  auto refusals = std::make_shared<int>(2);
  auto gate = sys.spawn(refuse_updates, store, refusals);
  helpers.push_back(gate);
  auto parts = std::make_shared<services>(*spec.services);
  parts->store = caf::actor_cast<store_actor>(gate);
  spec.services = std::move(parts);
  next_server({x});
  kill(context_of("ctx"));
  CHECK(*refusals == 1);
  // What is not stored yet is not forgotten either.
  CHECK(context_now("ctx").state == context_state::running);
  CHECK(job_now(id).state == job_state::running);
  CHECK(ask<job_record>(supervisor, atom::kill_v, id, false)->code()
        == ec::store_failed);
  pass(1s);
  CHECK(*refusals == 0);
  CHECK(job_now(id).state == job_state::running);
  pass(1s);
  CHECK(job_now(id).state == job_state::error);
  CHECK(context_now("ctx").state == context_state::error);
}

TEST_CASE_FIXTURE(deaths, "a server that leaves its contexts alone ends no "
                          "process and no job") {
  auto id = job_in("running");
  ask<atom::ok>(supervisor, atom::detach_v);
  run();
  CHECK(launcher->alive.size() == 1);
  CHECK_FALSE(agent->closed);
  CHECK(job_now(id).state == job_state::running);
  CHECK(agent->of(protocol::kind::kill_job).empty());
}

TEST_CASE_FIXTURE(deaths, "an agent ends no job of another context") {
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  auto other = running_context("other");
  ended(*other, id, protocol::outcome::finished, "forged");
  CHECK(job_now(id).state == job_state::running);
  ended(*agent, id, protocol::outcome::finished, "1");
  CHECK(job_now(id).result == "1");
}

TEST_CASE_FIXTURE(deaths, "frames of a new link come after those of the old "
                          "one, and after the job knows the new link") {
  auto id = job_in("running");
  auto old = agent;
  // All of this lies in mailboxes before anything of it is handled.
  old->say(protocol::result_part_frame(id, "[1,"));
  old->hang_up("gone");
  protocol::hello known;
  known.running = {id};
  agent = dial(
    known,
    {protocol::result_part_frame(id, "[1,"),
     to_frame(protocol::job_ended{id, protocol::outcome::finished, {}}, "2]")});
  old->say(protocol::result_part_frame(id, "late"));
  run();
  CHECK(job_now(id).result == "[1,2]");
}

TEST_CASE_FIXTURE(deaths, "a job that is awaited is answered without its "
                          "context and its record") {
  auto id = job_in("running");
  auto end = ask<job_record>(supervisor, atom::await_v, id, std::int64_t{1000});
  CHECK(end->pending());
  pass(1s);
  REQUIRE(end->value.has_value());
  auto stored = job_now(id);
  CHECK(end->value->state == job_state::running);
  CHECK(end->value->state_version == stored.state_version);
  CHECK(end->value->run_time == stored.run_time);
  auto last
    = ask<job_record>(supervisor, atom::await_v, id, std::int64_t{1000});
  ended(*agent, id, protocol::outcome::finished, "[1]");
  REQUIRE(last->value.has_value());
  stored = job_now(id);
  CHECK(last->value->result == "[1]");
  CHECK(last->value->state == job_state::finished);
  CHECK(last->value->state_version == stored.state_version);
  CHECK(last->value->end_time == stored.end_time);
}
