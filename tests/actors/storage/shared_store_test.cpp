#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "actors/storage/shared_store.hpp"
#include "base/ids.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

/// A database in a file, shared by a store's actor, which the test plays.
struct fixture {
  ~fixture() {
    std::filesystem::remove_all(folder);
  }

  void gather(const std::string& result = {}) {
    job_record x;
    x.id = "j" + std::to_string(++inserted);
    x.state = job_state::finished;
    x.result = result;
    shared.gather(x, [this](bool stored) { ++(stored ? told : refused); });
  }

  /// Whether an end is stored that comes now.
  bool insert(const std::string& result = {}) {
    auto before = told;
    gather(result);
    shared.settle();
    return told > before;
  }

  bool has(const std::string& id) {
    return shared.use([&](store& db) { return db.job(id).has_value(); });
  }

  std::string folder
    = std::filesystem::temp_directory_path() / ("hearth-" + make_uuid());
  std::string file = folder + "/hearth.db";
  shared_store::clock::time_point now{1h};
  shared_store shared{open_store("sqlite:" + file), true,
                      [this] { return now; }};
  int inserted = 0;
  int told = 0;
  int refused = 0;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "ends that are gathered are stored together") {
  REQUIRE(shared.gathers());
  CHECK_FALSE(shared.settle());
  for (int i = 0; i < 100; ++i)
    gather();
  CHECK(told == 0);
  CHECK_FALSE(has("j1"));
  CHECK(shared.settle());
  CHECK(told == 100);
  CHECK(has("j1"));
  CHECK(has("j100"));
  CHECK_FALSE(shared.settle());
}

TEST_CASE_FIXTURE(fixture, "who is told of one end may bring the next") {
  job_record x;
  x.id = "first";
  auto next = x;
  next.id = "next";
  shared.gather(x, [&](bool) { shared.gather(next, [](bool) {}); });
  CHECK(shared.settle());
  CHECK_FALSE(has("next"));
  CHECK(shared.settle());
  CHECK(has("next"));
}

TEST_CASE_FIXTURE(fixture, "of an end that is gathered the last word counts") {
  job_record x;
  x.id = "j";
  x.state = job_state::running;
  job_update end;
  end.id = "j";
  end.state = job_state::finished;
  end.result = "42";
  shared.gather(x, [](bool) {});
  shared.gather(end, [](bool) {});
  shared.settle();
  auto stored = shared.use([](store& db) { return db.job("j"); });
  REQUIRE(stored.has_value());
  CHECK(stored->state == job_state::finished);
  CHECK(stored->result == "42");
}

TEST_CASE_FIXTURE(fixture, "who ends jobs does not wait for the store's "
                           "actor") {
  gather();
  gather();
  shared.use([&](store&) { std::thread{[&] { shared.settle(); }}.join(); });
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
  shared_store::clock::time_point now{1h};
  shared_store slow{open_store("sqlite::memory:"), true, [&] {
                      // Time passes while it is stored.
                      return now += 50ms;
                    }};
  auto stored = false;
  slow.gather(job_record{}, [&](bool done) { stored = done; });
  slow.settle();
  CHECK(stored);
  CHECK_FALSE(slow.gathers());
  now += 2s;
  CHECK(slow.gathers());
}

TEST_CASE("without leave no end is taken") {
  CHECK_FALSE(shared_store{open_store("sqlite::memory:")}.gathers());
}

TEST_CASE_FIXTURE(fixture, "the store's actor is reminded of what it has to do "
                           "after some inserts") {
  auto reminded = 0;
  shared.remind(10, [&] { ++reminded; });
  for (int i = 0; i < 25; ++i)
    REQUIRE(insert());
  CHECK(reminded == 2);
  for (int i = 0; i < 25; ++i)
    gather();
  shared.settle();
  CHECK(reminded == 3);
}

TEST_CASE_FIXTURE(fixture, "no end waits for a checkpoint, the next "
                           "transaction makes it") {
  auto size = [&] { return std::filesystem::file_size(file); };
  std::string result(256 * 1024, 'x');
  for (int i = 0; i < 80; ++i)
    REQUIRE(insert(result));
  CHECK(size() < 1'000'000);
  shared.use([](store& db) { db.transaction(durability::lazy, [] {}); });
  CHECK(size() > 80 * result.size());
}
