#include <fstream>

#include <doctest/doctest.h>

#include "store/soci_store.hpp"
#include "store/utf8.hpp"
#include "tests/store/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

std::string plain(std::string text) {
  make_plain_utf8(text);
  return text;
}

/// What an attempt to open says.
std::string refusal(const std::string& url, const std::string& file = {}) {
  try {
    open_store(url, file);
  } catch (const store_error& e) {
    return e.what();
  }
  return "opened";
}

} // namespace

TEST_CASE("bytes that are no UTF-8, and NUL, become question marks") {
  for (std::string same : {"", "plain", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"})
    CHECK(plain(same) == same);
  CHECK(plain(std::string("a\0b", 3)) == "a?b");
  CHECK(plain("\xFFx\xC3") == "?x?");
  CHECK(plain("\xC0\x80") == "??");           // too long a form
  CHECK(plain("\xED\xA0\x80") == "???");      // a surrogate
  CHECK(plain("\xF4\x90\x80\x80") == "????"); // beyond Unicode
  CHECK(plain("\xE2\x82") == "??");
}

TEST_CASE("no refusal of a url shows its password") {
  for (auto url :
       {"postgresql://u:secret@127.0.0.1:1/x", "postgresql://u:secret@[x/y",
        "postgresql:///x?host=/nowhere&password=secret", "oracle://u:secret@h",
        "postgresql://u:secret@127.0.0.1:1/x?nonsense=1"}) {
    auto said = refusal(url);
    CAPTURE(said);
    CHECK(said != "opened");
    CHECK(said.find("secret") == std::string::npos);
  }
}

TEST_CASE("a password file that cannot be read is named") {
  auto said = refusal("postgresql://u@127.0.0.1:1/x", "/nowhere/password");
  CHECK(said.find("/nowhere/password") != std::string::npos);
}

TEST_CASE("PostgreSQL: the password may be in a file") {
  auto url = postgresql_url();
  if (url.empty())
    return; // the run over PostgreSQL does it
  open_empty();
  auto from = url.find(':', url.find("//"));
  auto without = url;
  without.erase(from, url.find('@') - from);
  CHECK(refusal(without).find("password") != std::string::npos);
  auto* folder = std::getenv("HEARTH_TEST_POSTGRESQL_FOLDER");
  CHECK(refusal(without, std::string{folder} + "/password") == "opened");
}

TEST_CASE("PostgreSQL: a second server is refused until the first one ended") {
  if (postgresql_url().empty())
    return;
  auto first = open_empty();
  CHECK(refusal(postgresql_url()).find("in use by another server")
        != std::string::npos);
  first.reset();
  CHECK(refusal(postgresql_url()) == "opened");
}

TEST_CASE("PostgreSQL: a lost connection is said so, and a new one goes on") {
  if (postgresql_url().empty())
    return;
  auto db = open_empty();
  db->transaction(durability::lazy, [&] { db->insert(make_job("j1", 1)); });
  soci::session other{soci::postgresql, postgresql_url()};
  other << "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity"
           " WHERE application_name = 'hearthd'";
  auto lost = false;
  try {
    db->transaction(durability::flushed,
                    [&] { db->insert(make_job("j2", 1)); });
  } catch (const store_error& e) {
    lost = e.lost();
  }
  CHECK(lost);
  db->reconnect();
  db->transaction(durability::flushed, [&] { db->insert(make_job("j3", 1)); });
  CHECK(db->job("j1").has_value());
  CHECK_FALSE(db->job("j2").has_value());
  CHECK(db->job("j3").has_value());
}

TEST_CASE("PostgreSQL: a flushed transaction flushes the lazy ones before it, "
          "even if it writes nothing") {
  if (postgresql_url().empty())
    return;
  auto db = open_empty();
  CHECK(db->can_lose_lazy());
  soci::session other{soci::postgresql, postgresql_url()};
  db->transaction(durability::lazy, [&] { db->insert(make_job("j1", 1)); });
  std::string written;
  other << "SELECT CAST(pg_current_wal_insert_lsn() AS text)",
    soci::into(written);
  db->transaction(durability::flushed, [] {});
  auto flushed = 0;
  other << "SELECT CASE WHEN pg_current_wal_flush_lsn() >="
           " CAST(:written AS pg_lsn) THEN 1 ELSE 0 END",
    soci::use(written), soci::into(flushed);
  CHECK(flushed == 1);
}

TEST_CASE_FIXTURE(open_database, "PostgreSQL: a lock of another session is "
                                 "waited for, not for ever") {
  if (postgresql_url().empty())
    return;
  db->set_lock_wait(std::chrono::milliseconds{0}); // a second, here
  soci::session other{soci::postgresql, postgresql_url()};
  other << "BEGIN";
  other << "LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE";
  try {
    insert(make_job("a", 1));
    FAIL("it was stored");
  } catch (const store_error& e) {
    CHECK(e.locked());
  }
  CHECK_THROWS_AS(db->open_reader()->jobs({}), store_error);
  other << "ROLLBACK";
  insert(make_job("b", 1));
  CHECK(ids(db->jobs({})) == "b ");
}
