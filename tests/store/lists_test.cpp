// What lists cost, and how they are read beside the writes.
#include <doctest/doctest.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "store/soci_store.hpp"
#include "tests/store/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

struct lists_fixture : open_database {
  /// `count` more jobs that wait in the queue of a context.
  void enqueue(int count, const std::string& context = "context-id") {
    write([&] {
      for (auto i = 0; i < count; ++i) {
        auto x = make_job(std::to_string(++last), last);
        x.context_id = context;
        db->insert(x);
        queue_entry entry;
        entry.job = x.id;
        entry.context_id = context;
        entry.priority = last % 3;
        entry.request = "{}";
        db->enqueue(entry);
      }
    });
  }

  std::vector<job_record> jobs(std::int32_t limit) {
    job_filter filter;
    filter.limit = limit;
    return db->jobs(filter);
  }

  /// How many instructions SQLite's machine takes for a list, in tens.
  std::int64_t steps(const job_filter& filter) {
    auto& session = static_cast<soci_store&>(*db).connection();
    auto* handle
      = static_cast<soci::sqlite3_session_backend*>(session.get_backend())
          ->conn_;
    std::int64_t count = 0;
    auto tick = [](void* x) {
      ++*static_cast<std::int64_t*>(x);
      return 0;
    };
    sqlite_api::sqlite3_progress_handler(handle, 10, tick, &count);
    db->jobs(filter);
    sqlite_api::sqlite3_progress_handler(handle, 0, nullptr, nullptr);
    return count;
  }

  std::int64_t steps(std::int32_t limit) {
    job_filter filter;
    filter.limit = limit;
    return steps(filter);
  }

  int last = 0;
};

} // namespace

TEST_CASE_FIXTURE(lists_fixture, "a list tells the place of each job in the "
                                 "queue of its context") {
  enqueue(3, "a"); // priorities 1, 2, 0
  enqueue(2, "b"); // priorities 1, 2
  insert(make_job("running", 100, job_state::running));
  auto started = make_end("2", job_state::started);
  update(started);
  std::map<std::string, std::int64_t> places;
  for (auto& x : jobs(-1)) {
    places[x.id] = x.queued;
    CHECK(x.queued == db->job(x.id)->queued);
  }
  CHECK(places
        == std::map<std::string, std::int64_t>{
          {"1", 1}, {"2", 0}, {"3", 2}, {"4", 2}, {"5", 1}, {"running", 0}});
  // The whole queue counts, also what is not in the list.
  enqueue(1, "a");
  CHECK(jobs(1).front().queued == 3);
}

TEST_CASE_FIXTURE(lists_fixture, "the cost of a list grows with the queue, not "
                                 "with its square") {
  if (!postgresql_url().empty())
    return;
  enqueue(500);
  auto all = steps(-1);
  auto page = steps(50);
  enqueue(1500);
  CHECK(steps(-1) < 6 * all);
  CHECK(steps(50) < 6 * page);
  // A page costs some 40 instructions for each job that waits. To count, for
  // each of its 50 jobs, who goes before it would take 500.
  CHECK(steps(50) < 2000 * 100 / 10);
}

TEST_CASE_FIXTURE(lists_fixture, "a list of jobs that do not wait costs the "
                                 "same whatever waits") {
  if (!postgresql_url().empty())
    return;
  for (auto i = 0; i < 100; ++i) {
    auto x = make_job("e" + std::to_string(i), i, job_state::error);
    x.context_id = "other";
    insert(x);
  }
  job_filter failed;
  failed.by_state = true;
  failed.state = job_state::error;
  auto before = steps(failed);
  enqueue(1000);
  CHECK(steps(failed) <= before + 10);
}

TEST_CASE_FIXTURE(lists_fixture, "a list of a state that few jobs have looks "
                                 "at these alone") {
  if (!postgresql_url().empty())
    return;
  insert(make_job("running", 1, job_state::running));
  job_filter running;
  running.by_state = true;
  auto before = steps(running);
  write([&] {
    for (auto i = 0; i < 1000; ++i)
      db->insert(make_job("f" + std::to_string(i), 2, job_state::finished));
  });
  CHECK(steps(running) <= before + 10);
  CHECK(ids(db->jobs(running)) == "running ");
}

TEST_CASE("a reader of lists sees what was committed, and delays no write") {
  temp_folder folder;
  auto url = postgresql_url();
  auto db = url.empty() ? open_store(folder.url()) : open_empty();
  db->set_lock_wait(std::chrono::milliseconds{0});
  auto reader = db->open_reader();
  REQUIRE(reader);
  CHECK(reader->jobs({}).empty());
  for (auto id : {"a", "b"}) {
    db->transaction(durability::lazy, [&] {
      db->insert(make_job(id, 1));
      CHECK(ids(reader->jobs({})).find(id) == std::string::npos);
    });
    CHECK(ids(reader->jobs({})).find(id) != std::string::npos);
  }
}

TEST_CASE("a database in memory has no second connection") {
  CHECK_FALSE(open_store("sqlite::memory:")->open_reader());
}
