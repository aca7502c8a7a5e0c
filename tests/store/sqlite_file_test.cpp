#include <fstream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "store/sqlite_file.hpp"
#include "tests/store/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace fs = std::filesystem;

namespace {

int mode_of(const fs::path& path) {
  struct stat x {};
  REQUIRE(::stat(path.c_str(), &x) == 0);
  return static_cast<int>(x.st_mode & 0777);
}

} // namespace

TEST_CASE("a new database and its folders are private to their owner") {
  temp_folder folder;
  auto db = open_store(folder.url("a/b/hearth.db"));
  db->transaction(durability::flushed, [&] { db->insert(make_job("j", 1)); });
  CHECK(mode_of(folder.path / "a") == 0700);
  CHECK(mode_of(folder.path / "a/b") == 0700);
  for (auto file : {"hearth.db", "hearth.db-wal", "hearth.db.lock"}) {
    CAPTURE(file);
    CHECK(mode_of(folder.path / "a/b" / file) == 0600);
  }
}

TEST_CASE("names of files may hold spaces and signs") {
  temp_folder folder;
  auto url = folder.url("it's a=b \xC3\xA9.db");
  {
    auto db = open_store(url);
    db->transaction(durability::lazy, [&] { db->insert(make_job("j", 1)); });
  }
  CHECK(fs::exists(folder.path / "it's a=b \xC3\xA9.db"));
  CHECK(open_store(url)->job("j").has_value());
  CHECK_THROWS_AS(open_store(folder.url("a\"b.db")), store_error);
}

TEST_CASE("urls that name no database are refused with what works") {
  for (auto url : {"", "sqlite:", "mysql://localhost/x", "x.db"}) {
    CAPTURE(url);
    CHECK_THROWS_WITH_AS(open_store(url), doctest::Contains("sqlite:PATH"),
                         store_error);
  }
}

TEST_CASE("a file that is no SQLite database is refused and left alone") {
  temp_folder folder;
  auto content = std::string(8192, 'a');
  for (auto& text : {content, std::string{"x"}}) {
    std::ofstream(folder.path / "hearth.db") << text;
    CHECK_THROWS_WITH_AS(open_store(folder.url()),
                         doctest::Contains("is not a SQLite database"),
                         store_error);
    CHECK(fs::file_size(folder.path / "hearth.db") == text.size());
  }
}

TEST_CASE("a damaged database is a store error") {
  temp_folder folder;
  std::ofstream(folder.path / "hearth.db")
    << std::string("SQLite format 3\0", 16) << std::string(8192, 'a');
  CHECK_THROWS_AS(open_store(folder.url()), store_error);
}

TEST_CASE("a folder that cannot be is a store error") {
  temp_folder folder;
  std::ofstream(folder.path / "file") << "x";
  CHECK_THROWS_AS(open_store(folder.url("file/hearth.db")), store_error);
  CHECK_THROWS_AS(open_store("sqlite:" + folder.path.string()), store_error);
}

TEST_CASE("a second server is refused until the first one ended") {
  temp_folder folder;
  auto first = open_store(folder.url());
  CHECK_THROWS_WITH_AS(open_store(folder.url()),
                       doctest::Contains("in use by another server"),
                       store_error);
  auto child = ::fork();
  if (child == 0) {
    auto refused = false;
    try {
      sqlite_file file{(folder.path / "hearth.db").string()};
    } catch (const store_error&) {
      refused = true;
    }
    ::_exit(refused ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  first.reset();
  CHECK_NOTHROW(open_store(folder.url()));
}
