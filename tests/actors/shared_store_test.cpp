#include <filesystem>
#include <thread>

#include <doctest/doctest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "actors/identity.hpp"
#include "actors/shared_store.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

/// A database in a file, shared by a store's actor, which the test plays.
struct fixture {
  ~fixture() {
    std::filesystem::remove_all(folder);
  }

  bool insert() {
    job_record x;
    x.id = "j" + std::to_string(++inserted);
    x.state = job_state::finished;
    return shared.try_insert(x);
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
};

} // namespace

TEST_CASE_FIXTURE(fixture, "an end now and then is stored at once") {
  for (int i = 0; i < 100; ++i) {
    now += 150us;
    CHECK(insert());
  }
  CHECK(has("j100"));
}

TEST_CASE_FIXTURE(fixture, "of an end that is stored at once the last word "
                           "counts") {
  job_record x;
  x.id = "j";
  x.state = job_state::running;
  REQUIRE(shared.try_insert(x));
  now += 1s;
  job_update end;
  end.id = "j";
  end.state = job_state::finished;
  end.result = "42";
  REQUIRE(shared.try_update(end));
  auto stored = shared.use([](store& db) { return db.job("j"); });
  REQUIRE(stored.has_value());
  CHECK(stored->state == job_state::finished);
  CHECK(stored->result == "42");
}

TEST_CASE_FIXTURE(fixture, "many ends are left to the store's actor, until "
                           "they are few again") {
  auto left = 0;
  for (int i = 0; i < 100; ++i) {
    now += 30us;
    left += insert() ? 0 : 1;
  }
  CHECK(left > 80);
  CHECK_FALSE(has("j100"));
  for (int i = 0; i < 20; ++i) {
    now += 150us;
    insert();
  }
  CHECK(has("j120"));
}

TEST_CASE_FIXTURE(fixture, "who ends a job does not wait for the store's "
                           "actor") {
  auto stored = true;
  shared.use([&](store&) { std::thread{[&] { stored = insert(); }}.join(); });
  CHECK_FALSE(stored);
  CHECK_FALSE(has("j1"));
}

TEST_CASE_FIXTURE(fixture, "who ends a job does not wait for another process") {
  soci::session tool{soci::sqlite3, "db=" + file};
  tool << "BEGIN IMMEDIATE";
  CHECK_FALSE(insert());
  tool << "ROLLBACK";
  now += 1s;
  CHECK(insert());
}

TEST_CASE_FIXTURE(fixture, "after an end that took long the store's actor is "
                           "asked for a while") {
  job_record x;
  x.id = "slow";
  auto calls = 0;
  shared_store slow{open_store("sqlite::memory:"), true, [&] {
                      // Time passes while it is stored.
                      return now += ++calls % 2 == 0 ? 50ms : 200us;
                    }};
  CHECK(slow.try_insert(x));
  CHECK_FALSE(slow.try_insert(x));
  now += 2s;
  CHECK(slow.try_insert(x));
}

TEST_CASE("without leave no end is stored at once") {
  job_record x;
  x.id = "j";
  shared_store shared{open_store("sqlite::memory:")};
  CHECK_FALSE(shared.try_insert(x));
}

TEST_CASE_FIXTURE(fixture, "the store's actor is reminded of what it has to do "
                           "after some inserts") {
  auto reminded = 0;
  shared.remind(10, [&] { ++reminded; });
  for (int i = 0; i < 25; ++i) {
    now += 150us;
    REQUIRE(insert());
  }
  CHECK(reminded == 2);
}

TEST_CASE_FIXTURE(fixture, "no end waits for a checkpoint, the next "
                           "transaction makes it") {
  auto size = [&] { return std::filesystem::file_size(file); };
  job_record x;
  x.state = job_state::finished;
  x.result = std::string(256 * 1024, 'x');
  for (int i = 0; i < 80; ++i) {
    x.id = "j" + std::to_string(i);
    now += 1ms;
    REQUIRE(shared.try_insert(x));
  }
  CHECK(size() < 1'000'000);
  shared.use([](store& db) { db.transaction(durability::lazy, [] {}); });
  CHECK(size() > 80 * x.result.size());
}
