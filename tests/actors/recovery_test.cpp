#include "actors/recovery.hpp"
#include "store/store.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

struct leftovers {
  leftovers() {
    context_record live;
    live.id = "c1";
    live.name = "live";
    live.state = context_state::running;
    live.process = launcher.start({}, [](const launch::process_exit&) {});
    context_record gone = live;
    gone.id = "c2";
    gone.name = "gone";
    gone.process = {77, 1};
    context_record over = live;
    over.id = "c3";
    over.name = "over";
    over.state = context_state::finished;
    job_record job;
    job.id = "j1";
    job.context_id = "c1";
    job.context_name = "live";
    job.state = job_state::running;
    db->transaction(durability::lazy, [&] {
      db->put(live);
      db->put(gone);
      db->put(over);
      db->insert(job);
    });
  }

  std::unique_ptr<store> db = open_store("sqlite::memory:");
  fake_launcher launcher;
};

} // namespace

TEST_CASE_FIXTURE(leftovers, "what a killed server left is ended and told") {
  auto found = recover(*db, launcher);
  CHECK(found.contexts == 2);
  CHECK(found.jobs == 1);
  CHECK(found.processes == 1);
  CHECK(launcher.alive.empty());
  CHECK(launcher.signals.size() == 1);
  for (auto name : {"live", "gone"}) {
    auto x = db->context_by_name(name);
    CHECK(x->state == context_state::error);
    CHECK(x->reason.message.find("killed") != std::string::npos);
    CHECK(x->end_time > 0);
  }
  CHECK(db->context_by_name("over")->state == context_state::finished);
  auto job = db->job("j1");
  CHECK(job->state == job_state::error);
  CHECK(job->reason.message.find("Unexpected termination of context live")
        == 0);
}

TEST_CASE_FIXTURE(leftovers, "after an orderly end there is nothing to do") {
  recover(*db, launcher);
  auto again = recover(*db, launcher);
  CHECK(again.contexts == 0);
  CHECK(again.jobs == 0);
}
