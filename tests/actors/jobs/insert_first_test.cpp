// A job is on the disk before it is sent; what could not be stored never runs.

#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

enum class inserts { pass, wait, fail, lose };

struct gate_state {
  static inline const char* name = "gate";
  std::vector<std::function<void()>> waiting;
};

/// Stands before the store and says what becomes of inserts.
caf::behavior gate(caf::stateful_actor<gate_state>* self, store_actor store,
                   std::shared_ptr<inserts> mode,
                   std::shared_ptr<int> questions) {
  auto insert = [=](auto... xs) -> caf::result<atom::ok> {
    if (*mode == inserts::pass)
      return self->delegate(store, atom::insert_v, xs...);
    if (*mode == inserts::fail)
      return make_error(ec::store_failed, "the store is away");
    if (*mode == inserts::lose)
      return make_error(ec::outcome_unknown, "the store was lost");
    auto promise = self->make_response_promise<atom::ok>();
    self->state.waiting.emplace_back([=] {
      auto open = promise;
      open.delegate(store, atom::insert_v, xs...);
    });
    return promise;
  };
  return {
    [=](atom::insert, const job_record& x, durability how) {
      return insert(x, how);
    },
    [=](atom::insert, const job_record& x, const queue_entry& entry) {
      return insert(x, entry);
    },
    [=](atom::commit) {
      for (auto& write : std::exchange(self->state.waiting, {}))
        write();
    },
    [=](atom::update, const job_update& x, durability how) {
      return self->delegate(store, atom::update_v, x, how);
    },
    [=](atom::put, const context_record& x) {
      return self->delegate(store, atom::put_v, x);
    },
    [=](atom::put, const key_claim& x) {
      return self->delegate(store, atom::put_v, x);
    },
    [=](atom::put, const job_note& x) { self->send(store, atom::put_v, x); },
    [=](atom::put, const context_note& x) {
      self->send(store, atom::put_v, x);
    },
    [=](atom::dequeue, const std::string& x) {
      self->send(store, atom::dequeue_v, x);
    },
    [=](atom::forget_key, const std::string& x) {
      self->send(store, atom::forget_key_v, x);
    },
    [=](atom::get, atom::by_id, const std::string& x) {
      ++*questions;
      return self->delegate(store, atom::get_v, atom::by_id_v, x);
    },
    [=](atom::get, atom::by_name, const std::string& x) {
      return self->delegate(store, atom::get_v, atom::by_name_v, x);
    },
  };
}

class gated : public fixture {
public:
  gated() {
    upload("jar", "x");
    store_gate = sys.spawn(gate, store, mode, questions);
    helpers.push_back(store_gate);
    auto parts = std::make_shared<services>(*spec.services);
    parts->store = caf::actor_cast<store_actor>(store_gate);
    spec.services = std::move(parts);
    next_server({});
    agent = running_context("ctx");
  }

  ~gated() {
    *mode = inserts::pass;
    open();
  }

  std::size_t sent() const {
    return agent->of(protocol::kind::run_job).size();
  }

  /// The store gets to what waited.
  void open() {
    caf::anon_send(store_gate, atom::commit_v);
    run();
  }

  job_request request(const std::string& key = "") const {
    job_request x;
    x.context = "ctx";
    x.binaries = {"jar"};
    x.main_class = "some.Job";
    x.config = "{}";
    x.key = key;
    return x;
  }

  std::vector<job_record> all() {
    return *ask<std::vector<job_record>>(store, atom::list_v, job_filter{})
              ->value;
  }

  std::shared_ptr<inserts> mode = std::make_shared<inserts>(inserts::pass);
  std::shared_ptr<int> questions = std::make_shared<int>(0);
  caf::actor store_gate;
  std::shared_ptr<fake_agent> agent;
};

} // namespace

TEST_CASE_FIXTURE(gated, "an async job is sent once it is stored") {
  *mode = inserts::wait;
  auto job = submit("ctx", false);
  CHECK(sent() == 0);
  open();
  REQUIRE(sent() == 1);
  started(*agent, last_job(*agent));
  CHECK(job->value->state == job_state::started);
}

TEST_CASE_FIXTURE(gated, "a sync job does not wait for the store") {
  *mode = inserts::wait;
  submit("ctx", true);
  CHECK(sent() == 1);
}

TEST_CASE_FIXTURE(gated, "a job that cannot be stored is refused and never "
                         "runs, with a key and without") {
  *mode = inserts::fail;
  for (auto key : {"", "k"}) {
    auto job = ask<job_record>(supervisor, atom::run_v, request(key));
    CHECK(job->code() == ec::store_failed);
  }
  CHECK(sent() == 0);
  CHECK(all().empty());
  *mode = inserts::pass;
  ask<job_record>(supervisor, atom::run_v, request("k"));
  CHECK(sent() == 1);
  submit("ctx", false);
  CHECK(sent() == 2); // both slots are free
}

TEST_CASE_FIXTURE(gated, "a job whose client waited in vain for the store does "
                         "not run afterwards") {
  *mode = inserts::wait;
  for (auto key : {"", "k"}) {
    auto x = request(key);
    x.timeout_ms = 1000;
    auto job = ask<job_record>(supervisor, atom::run_v, x);
    pass(999ms);
    CHECK(job->pending());
    pass(1ms);
    // The next server would run a job with a key, if this one is killed before
    // its end is stored.
    auto plain = *key == '\0';
    CHECK(job->code() == (plain ? ec::store_failed : ec::deadline));
    CHECK(job->message().find(plain ? "will not run"
                                    : "will not run unless the server ends")
          != std::string::npos);
  }
  *mode = inserts::pass;
  open();
  pass(5s);
  CHECK(sent() == 0);
  auto jobs = all();
  REQUIRE(jobs.size() == 2);
  for (auto& x : jobs) {
    CHECK(x.state == job_state::error);
    CHECK(x.reason.message.find("was not started") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(gated, "a job whose insert the store does not answer does "
                         "not run afterwards") {
  *mode = inserts::wait;
  auto x = request();
  x.timeout_ms = 3'600'000;
  auto job = ask<job_record>(supervisor, atom::run_v, x);
  pass(60s);
  CHECK(job->code() == ec::store_failed);
  *mode = inserts::pass;
  open();
  pass(5s);
  CHECK(sent() == 0);
  REQUIRE(all().size() == 1);
  CHECK(all().front().state == job_state::error);
}

TEST_CASE_FIXTURE(gated, "an async job is stored however short its time-out") {
  *mode = inserts::wait;
  auto job = submit("ctx", false, 0);
  pass(900ms);
  CHECK(job->pending());
  open();
  REQUIRE(sent() == 1);
  started(*agent, last_job(*agent));
  CHECK(job->value.has_value());
}

TEST_CASE_FIXTURE(gated, "a job that no agent can be sent is refused before it "
                         "is stored, waiting or not") {
  for (auto queue : {queueing::no, queueing::yes}) {
    auto x = request();
    x.main_class = std::string(protocol::max_header, 'x');
    x.queue = queue;
    auto job = ask<job_record>(supervisor, atom::run_v, x);
    CHECK(job->code() == ec::bad_request);
    submit("ctx", true); // so that the second one has to wait
    submit("ctx", true);
  }
  CHECK(all().empty());
}

TEST_CASE_FIXTURE(gated, "a job whose binaries come too late for its client "
                         "does not run") {
  spec.policy.longest_wait = 30s;
  next_server({});
  agent = running_context("late");
  auto x = request();
  x.context = "late";
  x.binaries = {"http://slow/x.jar"};
  auto job = ask<job_record>(supervisor, atom::run_v, x);
  pass(29s); // its time-out of 10 s is for its end
  CHECK(job->pending());
  pass(1s);
  CHECK(job->code() == ec::deadline);
  REQUIRE(slow_fetches->size() == 1);
  end_slow_fetches();
  pass(5s);
  CHECK(slow_fetches->empty());
  CHECK(sent() == 0);
  CHECK(all().empty());
  // What came too late is in use by nobody.
  ask<resolved_binaries>(binaries_handle, atom::resolve_v,
                         resolve_request{"other", {"http://next"}});
  CHECK(told_in_use->empty());
}

TEST_CASE_FIXTURE(gated, "a job that is killed before it is stored never "
                         "runs") {
  *mode = inserts::wait;
  submit("ctx", false);
  auto status = ask<std::vector<actor_status>>(supervisor, atom::status_v);
  REQUIRE(status->value.has_value());
  std::string id;
  for (auto& x : *status->value)
    if (x.name == "job")
      id = x.subject;
  REQUIRE_FALSE(id.empty());
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  *mode = inserts::pass;
  open();
  pass(5s);
  REQUIRE(killed->value.has_value());
  CHECK(killed->value->state == job_state::killed);
  CHECK(job_now(id).state == job_state::killed);
  CHECK(sent() == 0);
}

TEST_CASE_FIXTURE(gated, "a live job is killed and awaited without the store") {
  submit("ctx", false);
  auto id = last_job(*agent);
  started(*agent, id);
  *questions = 0;
  auto end = ask<job_record>(supervisor, atom::await_v, id, std::int64_t{5000});
  auto killed = ask<job_record>(supervisor, atom::kill_v, id, false);
  ended(*agent, id, protocol::outcome::killed);
  CHECK(end->value->state == job_state::killed);
  CHECK(killed->value->state == job_state::killed);
  CHECK(*questions == 0);
}

TEST_CASE_FIXTURE(gated, "a plain job that may be stored is refused at once, "
                         "for no server runs it") {
  *mode = inserts::lose;
  auto job = ask<job_record>(supervisor, atom::run_v, request());
  CHECK(job->code() == ec::outcome_unknown);
  CHECK(sent() == 0);
}

TEST_CASE_FIXTURE(gated, "a job that may be stored, and would be run later, is "
                         "refused once its end is stored") {
  auto keyed = request("k");
  SUBCASE("with a key") {}
  SUBCASE("with a key, of a client that waits") {
    keyed.sync = true;
  }
  SUBCASE("in the queue") {
    keyed.key.clear();
    keyed.queue = queueing::yes;
    submit("ctx", true);
    submit("ctx", true);
    agent->heard.clear();
  }
  *mode = inserts::lose;
  auto job = ask<job_record>(supervisor, atom::run_v, keyed);
  for (int i = 0; i < 8; ++i)
    pass(1s);
  CHECK(job->pending());
  *mode = inserts::pass;
  pass(1s);
  CHECK(job->code() == ec::store_failed);
  CHECK(job->message().find("will not run") != std::string::npos);
  REQUIRE(all().size() == 1);
  CHECK(all().front().state == job_state::error);
  CHECK(sent() == 0);
}

TEST_CASE_FIXTURE(gated, "of a job that may be stored nothing is promised when "
                         "its client has waited long enough") {
  *mode = inserts::lose;
  auto job = ask<job_record>(supervisor, atom::run_v, request("k"));
  pass(10s);
  CHECK(job->code() == ec::deadline);
  *mode = inserts::pass;
  pass(1s);
  REQUIRE(all().size() == 1);
  CHECK(all().front().state == job_state::error);
  pass(1s);
  ask<job_record>(supervisor, atom::run_v, request("k"));
  CHECK(sent() == 1); // the key is free again
}
