// What a SQLite database is like after something went wrong.
#include <cstring>

#include <doctest/doctest.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include "store/soci_store.hpp"
#include "tests/store/fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace std::chrono_literals;

namespace {

/// Another process that uses the same file.
struct other_process {
  explicit other_process(const std::filesystem::path& file)
    : db(soci::sqlite3, "db=" + file.string()) {
    // nop
  }

  soci::session db;
};

struct file_fixture {
  file_fixture() {
    db->set_lock_wait(0ms);
  }

  void write(durability how, const std::function<void()>& writes) {
    db->transaction(how, writes);
  }

  std::optional<store_trouble> insert(const std::string& id,
                                      durability how = durability::lazy) {
    try {
      write(how, [&] { db->insert(make_job(id, 1)); });
      return std::nullopt;
    } catch (const store_error& e) {
      return e.kind();
    }
  }

  temp_folder folder;
  std::filesystem::path file = folder.path / "hearth.db";
  std::unique_ptr<store> db = open_store(folder.url());
};

// -- flushes that fail --

bool flushes_fail = false;
int flushes = 0;
const sqlite_api::sqlite3_io_methods* real_methods = nullptr;

int flush(sqlite_api::sqlite3_file* file, int flags) {
  ++flushes;
  return flushes_fail ? SQLITE_IOERR_FSYNC : real_methods->xSync(file, flags);
}

/// Has the flushes of the log of `db` fail while `flushes_fail`.
void watch_flushes(store& db) {
  static sqlite_api::sqlite3_io_methods methods;
  auto& session = static_cast<soci_store&>(db).connection();
  auto* handle
    = static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
  sqlite_api::sqlite3_file* log = nullptr;
  REQUIRE(sqlite_api::sqlite3_file_control(handle, "main",
                                           SQLITE_FCNTL_JOURNAL_POINTER, &log)
          == SQLITE_OK);
  REQUIRE(log);
  REQUIRE(log->pMethods);
  real_methods = log->pMethods;
  methods = *real_methods;
  methods.xSync = &flush;
  log->pMethods = &methods;
}

} // namespace

TEST_CASE_FIXTURE(file_fixture, "a lock of another process leaves nothing "
                                "behind in any statement") {
  REQUIRE_FALSE(insert("before"));
  other_process tool{file};
  for (auto round = 0; round < 3; ++round) {
    tool.db << "BEGIN IMMEDIATE";
    for (auto how : {durability::lazy, durability::flushed}) {
      CHECK(insert("refused", how) == store_trouble::locked);
      CHECK_THROWS_AS(write(how, [&] { db->update(make_end("before", {})); }),
                      store_error);
    }
    CHECK(db->job("before").has_value());
    CHECK_FALSE(db->job("refused").has_value());
    tool.db << "ROLLBACK";
    // Of all that failed nothing is repeated: that would reset it by the way.
    auto id = "c" + std::to_string(round);
    write(durability::flushed, [&] { db->put(make_context(id, id, 1)); });
    CHECK(db->context_by_name(id).has_value());
  }
  CHECK_FALSE(insert("after"));
}

TEST_CASE_FIXTURE(file_fixture, "another process that has just written is in "
                                "nobody's way") {
  REQUIRE_FALSE(insert("a"));
  other_process tool{file};
  tool.db << "UPDATE jobs SET main_class = 'other'";
  // It begins with a read, which another writer could make stale.
  write(durability::flushed, [&] { db->put(make_context("c", "c", 1)); });
  CHECK(db->job("a")->main_class == "other");
}

TEST_CASE_FIXTURE(file_fixture, "a write that fails within a transaction "
                                "leaves nothing behind") {
  auto& session = static_cast<soci_store&>(*db).connection();
  session << "CREATE TRIGGER no_bad BEFORE INSERT ON jobs WHEN NEW.id = 'bad'"
             " BEGIN SELECT RAISE(FAIL, 'no'); END";
  for (auto round = 0; round < 3; ++round) {
    auto good = "good" + std::to_string(round);
    CHECK_THROWS_AS(write(durability::lazy,
                          [&] {
                            db->insert(make_job(good, 1));
                            db->insert(make_job("bad", 1));
                          }),
                    store_error);
    CHECK_FALSE(db->job(good).has_value());
    CHECK_FALSE(insert(good));
    CHECK(db->job(good).has_value());
  }
}

TEST_CASE_FIXTURE(file_fixture, "after a flush that failed nothing is stored "
                                "before all is safe again") {
  REQUIRE_FALSE(insert("told"));
  watch_flushes(*db);
  flushes_fail = true;
  CHECK(insert("untold", durability::flushed) == store_trouble::lost);
  flushes_fail = false;
  // The disk works again, but what it has is not known.
  CHECK(insert("early", durability::flushed) == store_trouble::lost);
  db->reconnect();
  // All is in the database's own file, which was flushed.
  CHECK(std::filesystem::file_size(file.string() + "-wal") == 0);
  CHECK(db->job("told").has_value());
  CHECK_FALSE(db->job("early").has_value());
  CHECK_FALSE(insert("after", durability::flushed));
}

TEST_CASE_FIXTURE(file_fixture, "a database is not back before its log is "
                                "empty") {
  REQUIRE_FALSE(insert("told"));
  other_process reader{file};
  reader.db << "BEGIN";
  int count = 0;
  reader.db << "SELECT COUNT(*) FROM jobs", soci::into(count);
  REQUIRE_FALSE(insert("told too"));
  watch_flushes(*db);
  flushes_fail = true;
  CHECK(insert("untold", durability::flushed) == store_trouble::lost);
  flushes_fail = false;
  CHECK_THROWS_AS(db->reconnect(), store_error);
  CHECK(insert("early", durability::flushed) == store_trouble::lost);
  reader.db << "COMMIT";
  db->reconnect();
  CHECK(db->job("told too").has_value());
  CHECK_FALSE(insert("after", durability::flushed));
}

TEST_CASE_FIXTURE(file_fixture, "a log that readers keep from beginning anew "
                                "is not flushed at each commit") {
  REQUIRE_FALSE(insert("first"));
  watch_flushes(*db);
  other_process one{file};
  other_process other{file};
  auto look = [](other_process& x) {
    int jobs = 0;
    x.db << "BEGIN";
    x.db << "SELECT COUNT(*) FROM jobs", soci::into(jobs);
  };
  look(one);
  auto large = make_job("large", 1);
  large.config = "{\"x\":\"" + std::string(20 << 20, 'x') + "\"}";
  write(durability::lazy, [&] { db->insert(large); });
  REQUIRE(std::filesystem::file_size(file.string() + "-wal") > (20 << 20));
  // There is always one that reads, and what it reads is new.
  flushes = 0;
  for (auto i = 0; i < 5; ++i) {
    look(other);
    one.db << "ROLLBACK";
    CHECK_FALSE(insert("a" + std::to_string(i)));
    look(one);
    other.db << "ROLLBACK";
    CHECK_FALSE(insert("b" + std::to_string(i)));
  }
  CHECK(flushes == 0);
  one.db << "ROLLBACK";
}
