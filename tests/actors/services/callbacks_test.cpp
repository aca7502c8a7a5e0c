#include "actors/services/callbacks.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/runtime/fetch/fake_transfers.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

using urls = std::vector<std::string>;

struct delivering : fixture {
  std::shared_ptr<fake_transfers> http = std::make_shared<fake_transfers>();
  callback_settings settings;
  callbacks_actor handle;

  delivering() {
    settings.folder = (folder / "callbacks").string();
    settings.attempts = 3;
    settings.at_once = 4;
    settings.render = [](const job_record& job) { return job.id; };
    begin();
  }

  ~delivering() {
    end();
  }

  void begin() {
    handle = sys.spawn(callbacks, settings, store, http);
    run();
  }

  void end() {
    caf::anon_send_exit(handle, caf::exit_reason::kill);
    run();
  }

  /// A job of that id has ended, and its callback is announced.
  void ended_job(const std::string& id, const std::string& url,
                 job_state state = job_state::finished) {
    job_record job;
    job.id = id;
    job.state = state;
    ask<atom::ok>(store, atom::insert_v, job, durability::lazy);
    REQUIRE(ask<atom::ok>(handle, atom::put_v, id, url)->value);
    caf::anon_send(handle, atom::end_stored_v, id);
    run();
  }

  bool waits(const std::string& id) const {
    return std::filesystem::exists(folder / "callbacks" / (id + ".url"));
  }
};

} // namespace

TEST_CASE_FIXTURE(delivering, "a host that hangs delays only its own") {
  for (auto id : {"1", "2", "3", "4", "5"})
    ended_job(id, "http://slow/"s + id);
  CHECK(http->started == urls{"http://slow/1", "http://slow/2"});
  ended_job("6", "http://quick/6");
  CHECK(http->started.back() == "http://quick/6");
  http->end("http://quick/6");
  run();
  CHECK_FALSE(waits("6"));
  CHECK(waits("1"));
  http->fail("http://slow/1", "no answer");
  run();
  CHECK(http->started.back() == "http://slow/3");
}

TEST_CASE_FIXTURE(delivering, "a failed one is tried again, later each time") {
  ended_job("1", "http://a/1");
  CHECK(http->request("http://a/1").json == "1");
  http->fail("http://a/1", "503");
  run();
  pass(499ms);
  CHECK(http->started.size() == 1);
  pass(502ms);
  REQUIRE(http->started.size() == 2);
  http->fail("http://a/1", "503");
  run();
  pass(999ms);
  CHECK(http->started.size() == 2);
  pass(1002ms);
  REQUIRE(http->started.size() == 3);
  CHECK(waits("1"));
  http->fail("http://a/1", "503");
  run();
  CHECK_FALSE(waits("1"));
}

TEST_CASE_FIXTURE(delivering,
                  "a killed job's is forgotten, a new server's not") {
  ended_job("1", "http://a/1", job_state::killed);
  CHECK(http->started.empty());
  CHECK_FALSE(waits("1"));
  ended_job("2", "http://a/2");
  end();
  begin();
  CHECK(http->started == urls{"http://a/2", "http://a/2"});
}

TEST_CASE_FIXTURE(delivering, "a job that runs while this part starts again "
                              "is called back at its end") {
  // A sync job: the store gets to know it when it ends.
  REQUIRE(ask<atom::ok>(handle, atom::put_v, "1"s, "http://a/1"s)->value);
  end();
  begin();
  CHECK(waits("1"));
  job_record job;
  job.id = "1";
  job.state = job_state::finished;
  ask<atom::ok>(store, atom::insert_v, job, durability::lazy);
  caf::anon_send(handle, atom::end_stored_v, "1"s);
  run();
  CHECK(http->started == urls{"http://a/1"});
}

TEST_CASE_FIXTURE(delivering, "a job that never ran is not called back") {
  REQUIRE(ask<atom::ok>(handle, atom::put_v, "1"s, "http://a/1"s)->value);
  SUBCASE("for it was refused") {
    caf::anon_send(handle, atom::end_stored_v, "1"s);
    run();
  }
  SUBCASE("for its server was killed") {
    end();
    settings.begun += 1h;
    begin();
  }
  CHECK_FALSE(waits("1"));
  CHECK(http->started.empty());
}

TEST_CASE("pauses double, up to a minute, and differ by chance") {
  CHECK(retry_pause(1s, 1, 0) == 1s);
  CHECK(retry_pause(1s, 1, 1) == 500ms);
  CHECK(retry_pause(1s, 3, 0) == 4s);
  CHECK(retry_pause(1s, 3, 0.5) == 3s);
  CHECK(retry_pause(1s, 1000, 0) == 60s);
}
