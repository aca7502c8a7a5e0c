#include <filesystem>
#include <fstream>

#include "apps/recovery.hpp"
#include "base/ids.hpp"
#include "runtime/launch/posix_launcher.hpp"
#include "runtime/protocol/start_file.hpp"
#include "store/store.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

namespace fs = std::filesystem;

/// A data folder and a store as a killed server leaves them. Processes are
/// real: whether they live is read from the machine.
struct leftovers {
  leftovers() {
    fs::create_directories(data);
  }

  ~leftovers() {
    fs::remove_all(data);
  }

  context_record add(const std::string& name, context_state state,
                     process_id process = {}) {
    context_record x;
    x.id = "id-" + name;
    x.name = name;
    x.state = state;
    x.settings = R"({"a":"b"})";
    x.process = process;
    job_record job;
    job.id = "job-" + name;
    job.context_id = x.id;
    job.context_name = name;
    job.state = job_state::running;
    db->transaction(durability::lazy, [&] {
      db->put(x);
      db->insert(job);
    });
    return x;
  }

  process_id start_process() {
    return processes.start({{"sleep", "1000"}, {}, "/", "/dev/null"},
                           [](const launch::process_exit&) {});
  }

  void write_start_file(const context_record& x) {
    protocol::start_file file;
    file.context_id = x.id;
    file.token = "secret";
    file.settings = {{"a", "b"}};
    auto folder = data / "contexts" / x.id;
    fs::create_directories(folder);
    std::ofstream{folder / "agent.json"} << protocol::to_json(file);
  }

  recovered look(const context_policy& defaults = {}) {
    return recover(*db, processes, data.string(), defaults);
  }

  fs::path data = fs::temp_directory_path() / ("hearth-" + make_uuid());
  std::unique_ptr<store> db = open_store("sqlite::memory:");
  launch::posix_launcher processes;
};

} // namespace

TEST_CASE_FIXTURE(leftovers, "a context whose process lives is taken over with "
                             "its jobs") {
  auto process = start_process();
  write_start_file(add("live", context_state::running, process));
  auto found = look();
  REQUIRE(found.contexts.size() == 1);
  auto& x = found.contexts[0];
  CHECK(x.record.name == "live");
  CHECK(x.settings == settings_map{{"a", "b"}});
  CHECK(x.process.token == "secret");
  REQUIRE(x.process.jobs.size() == 1);
  CHECK(x.process.jobs[0].id == "job-live");
  CHECK(launch::alive(process));
  CHECK(db->job("job-live")->state == job_state::running);
  processes.signal_group(process, 9);
}

TEST_CASE_FIXTURE(leftovers,
                  "a context without its process is in error, and so "
                  "are its jobs") {
  add("gone", context_state::running, {1, 1});
  add("unborn", context_state::started);
  add("over", context_state::finished);
  auto found = look();
  CHECK(found.contexts.empty());
  CHECK(found.ended_contexts == 2);
  CHECK(found.ended_jobs == 3);
  CHECK(db->context_by_name("over")->state == context_state::finished);
  for (auto name : {"gone", "unborn"}) {
    auto x = db->context_by_name(name);
    CHECK(x->state == context_state::error);
    CHECK_FALSE(x->reason.message.empty());
    CHECK(x->end_time > 0);
  }
  auto job = db->job("job-gone");
  CHECK(job->state == job_state::error);
  CHECK(job->reason.message
        == "Unexpected termination of context gone: the context's process "
           "ended while there was no server");
  auto again = look();
  CHECK(again.ended_contexts + again.ended_jobs == 0);
}

TEST_CASE_FIXTURE(leftovers, "a process of another start time is another "
                             "process") {
  auto process = start_process();
  write_start_file(add("other", context_state::running,
                       {process.pid, process.start_time + 1}));
  CHECK(look().contexts.empty());
  CHECK(launch::alive(process));
  processes.signal_group(process, 9);
}

TEST_CASE_FIXTURE(leftovers, "a process without its start file is ended") {
  auto process = start_process();
  add("mute", context_state::running, process);
  auto found = look();
  CHECK(found.ended_contexts == 1);
  CHECK(found.ended_processes == 1);
}

TEST_CASE_FIXTURE(leftovers, "a context that was being stopped is finished") {
  add("stopping", context_state::stopping, start_process());
  CHECK(look().ended_processes == 1);
  CHECK(db->context_by_name("stopping")->state == context_state::finished);
}

TEST_CASE_FIXTURE(leftovers, "a context that was restarting gets another "
                             "process") {
  add("restarting", context_state::restarting, start_process());
  auto found = look();
  REQUIRE(found.contexts.size() == 1);
  CHECK(found.ended_processes == 1);
  CHECK(found.contexts[0].process.token.empty());
  CHECK(found.contexts[0].record.process.pid == 0);
  CHECK(found.contexts[0].settings == settings_map{{"a", "b"}});
}

TEST_CASE_FIXTURE(leftovers, "a context without its process comes back if its "
                             "policy says so") {
  context_policy defaults;
  defaults.restart = conf::restart_mode::on_failure;
  add("gone", context_state::running, {1, 1});
  add("unborn", context_state::started);
  auto found = look(defaults);
  REQUIRE(found.contexts.size() == 1);
  auto& x = found.contexts[0];
  CHECK(x.record.name == "gone");
  CHECK(x.record.process.pid == 0);
  CHECK(x.process.token.empty());
  CHECK(x.process.jobs.size() == 1);
  CHECK(x.record.reason.message
        == "the context's process ended while there was no server");
}

TEST_CASE_FIXTURE(leftovers, "no job keeps a place in a queue that it is not "
                             "in") {
  auto x = add("over", context_state::finished);
  db->transaction(durability::lazy, [&] {
    queue_entry entry;
    entry.job = "job-over";
    entry.context_id = x.id;
    db->enqueue(entry);
  });
  look();
  CHECK(db->queued_jobs().empty());
}
