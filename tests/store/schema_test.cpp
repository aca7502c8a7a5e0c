#include <doctest/doctest.h>

#include "store/schema.hpp"
#include "store/soci_store.hpp"
#include "tests/store/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

TEST_CASE("an empty database gets the newest schema, once") {
  temp_folder folder;
  auto path = (folder.path / "hearth.db").string();
  {
    soci_store db{make_sqlite_backend(path)};
    int version = 0;
    db.connection() << "SELECT MAX(version) FROM schema_version",
      soci::into(version);
    CHECK(version == newest_schema_version());
    CHECK(migrate(db.connection(), *make_sqlite_backend(":memory:"))
          == newest_schema_version());
    db.transaction(durability::flushed, [&] { db.insert(make_job("j1", 1)); });
  }
  soci_store again{make_sqlite_backend(path)};
  CHECK(again.job("j1").has_value());
}

TEST_CASE("a database of a newer version is refused and left alone") {
  temp_folder folder;
  {
    soci_store db{make_sqlite_backend((folder.path / "hearth.db").string())};
    db.connection() << "INSERT INTO schema_version (version) VALUES (999)";
  }
  CHECK_THROWS_WITH_AS(open_store(folder.url()),
                       doctest::Contains("newer Hearth"), store_error);
}

TEST_CASE("another program's database is refused") {
  temp_folder folder;
  auto path = (folder.path / "other.db").string();
  {
    soci_store db{make_sqlite_backend(path)};
    db.connection() << "DROP TABLE schema_version";
  }
  CHECK_THROWS_WITH_AS(open_store("sqlite:" + path),
                       doctest::Contains("not Hearth's"), store_error);
}

TEST_CASE("lists are read from an index, without sorting") {
  auto db = soci_store{make_sqlite_backend(":memory:")};
  for (std::string query :
       {"SELECT id FROM jobs ORDER BY seq DESC LIMIT 50",
        "SELECT id FROM jobs WHERE state = 5 AND state <> 4"
        " ORDER BY seq DESC LIMIT 50",
        "SELECT id FROM jobs WHERE state < 4 AND state <> 4",
        "SELECT id FROM contexts WHERE name = 'x' ORDER BY start_time DESC,"
        " seq DESC LIMIT 1"}) {
    CAPTURE(query);
    int ignored = 0;
    std::string plan;
    db.connection() << "EXPLAIN QUERY PLAN " + query, soci::into(ignored),
      soci::into(ignored), soci::into(ignored), soci::into(plan);
    auto by_key = query.find("WHERE") == std::string::npos;
    CHECK((by_key || plan.find("INDEX") != std::string::npos));
    CHECK(plan.find("TEMP B-TREE") == std::string::npos);
  }
}
