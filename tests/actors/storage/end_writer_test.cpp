#include <atomic>
#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "actors/storage/end_writer.hpp"
#include "base/ids.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

/// A database in a file, shared by a store's actor, which the test plays.
struct fixture {
  ~fixture() {
    std::filesystem::remove_all(folder);
  }

  bool add(const std::string& result = {}) {
    job_record x;
    x.id = "j" + std::to_string(++inserted);
    x.state = job_state::finished;
    x.result = result;
    return ends.add_end(x,
                        [this](bool stored) { ++(stored ? told : refused); });
  }

  /// Whether an end is stored that comes now.
  bool insert(const std::string& result = {}) {
    auto before = told;
    add(result);
    ends.commit_ends();
    return told > before;
  }

  bool has(const std::string& id) {
    return database->use([&](store& db) { return db.job(id).has_value(); });
  }

  std::string folder
    = std::filesystem::temp_directory_path() / ("hearth-" + make_uuid());
  std::string file = folder + "/hearth.db";
  end_writer::clock::time_point now{1h};
  std::shared_ptr<shared_database> database
    = std::make_shared<shared_database>(open_store("sqlite:" + file));
  end_writer ends{database, true, [this] { return now; }};
  int inserted = 0;
  int told = 0;
  int refused = 0;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "ends that were added are stored together") {
  CHECK_FALSE(ends.commit_ends());
  for (int i = 0; i < 100; ++i)
    add();
  CHECK(told == 0);
  CHECK_FALSE(has("j1"));
  CHECK(ends.commit_ends());
  CHECK(told == 100);
  CHECK(has("j1"));
  CHECK(has("j100"));
  CHECK_FALSE(ends.commit_ends());
}

TEST_CASE_FIXTURE(fixture,
                  "an end can be added while another one is called back") {
  job_record x;
  x.id = "first";
  auto next = x;
  next.id = "next";
  ends.add_end(x, [&](bool) { ends.add_end(next, [](bool) {}); });
  CHECK(ends.commit_ends());
  CHECK_FALSE(has("next"));
  CHECK(ends.commit_ends());
  CHECK(has("next"));
}

TEST_CASE_FIXTURE(fixture, "of two ends of one job the later one counts") {
  job_record x;
  x.id = "j";
  x.state = job_state::running;
  job_update end;
  end.id = "j";
  end.state = job_state::finished;
  end.result = "42";
  ends.add_end(x, [](bool) {});
  ends.add_end(end, [](bool) {});
  ends.commit_ends();
  auto stored = database->use([](store& db) { return db.job("j"); });
  REQUIRE(stored.has_value());
  CHECK(stored->state == job_state::finished);
  CHECK(stored->result == "42");
}

TEST_CASE_FIXTURE(fixture, "who ends jobs does not wait for the store's "
                           "actor") {
  add();
  add();
  database->use(
    [&](store&) { std::thread{[&] { ends.commit_ends(); }}.join(); });
  CHECK(refused == 2);
  CHECK_FALSE(has("j1"));
}

TEST_CASE_FIXTURE(fixture, "who ends jobs does not wait for another process") {
  soci::session tool{soci::sqlite3, "db=" + file};
  tool << "BEGIN IMMEDIATE";
  CHECK_FALSE(insert());
  tool << "ROLLBACK";
  CHECK(insert());
}

TEST_CASE("after a transaction that took long the store's actor is asked for a "
          "while") {
  end_writer::clock::time_point now{1h};
  auto database
    = std::make_shared<shared_database>(open_store("sqlite::memory:"));
  end_writer slow{database, true, [&] {
                    // Time passes while it is stored.
                    return now += 50ms;
                  }};
  auto stored = 0;
  auto count = [&](bool done) { stored += done ? 1 : 0; };
  REQUIRE(slow.add_end(job_record{}, count));
  slow.commit_ends();
  CHECK(stored == 1);
  CHECK_FALSE(slow.add_end(job_record{}, count));
  now += 2s;
  CHECK(slow.add_end(job_record{}, count));
}

TEST_CASE("a writer that nobody makes commit takes no end") {
  auto database
    = std::make_shared<shared_database>(open_store("sqlite::memory:"));
  end_writer idle{database, false};
  CHECK_FALSE(idle.add_end(job_record{}, [](bool) {}));
  CHECK_FALSE(idle.commit_ends());
}

TEST_CASE_FIXTURE(fixture, "ends come from any thread, and each is called back "
                           "once") {
  constexpr auto each = 200;
  std::atomic<int> called = 0;
  auto work = [&](const std::string& name) {
    for (int i = 0; i < each; ++i) {
      job_record x;
      x.id = name + std::to_string(i);
      if (!ends.add_end(x, [&](bool) { ++called; }))
        ++called;
      ends.commit_ends();
    }
  };
  std::thread other{work, "a"};
  work("b");
  other.join();
  ends.commit_ends();
  CHECK(called == 2 * each);
}

TEST_CASE_FIXTURE(fixture, "the store's actor is reminded of what it has to do "
                           "after some inserts") {
  auto reminded = 0;
  ends.after_inserts(10, [&] { ++reminded; });
  for (int i = 0; i < 25; ++i)
    REQUIRE(insert());
  CHECK(reminded == 2);
  for (int i = 0; i < 25; ++i)
    add();
  ends.commit_ends();
  CHECK(reminded == 3);
}

TEST_CASE_FIXTURE(fixture, "no end waits for a checkpoint, the next "
                           "transaction makes it") {
  auto size = [&] { return std::filesystem::file_size(file); };
  std::string result(256 * 1024, 'x');
  for (int i = 0; i < 80; ++i)
    REQUIRE(insert(result));
  CHECK(size() < 1'000'000);
  database->use([](store& db) { db.transaction(durability::lazy, [] {}); });
  CHECK(size() > 80 * result.size());
}
