#include <fstream>
#include <iterator>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "store/files/content_files.hpp"
#include "store/files/data_files.hpp"
#include "store/files/durable_write.hpp"
#include "store/files/result_file.hpp"
#include "tests/store/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& file) {
  std::ifstream in{file};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE_FIXTURE(temp_folder, "a durable write replaces what was there, and "
                               "leaves nothing else") {
  write_flushed(path / "file", "first");
  write_flushed(path / "file", "second");
  CHECK(content(path / "file") == "second");
  CHECK(std::distance(fs::directory_iterator{path}, {}) == 1);
  CHECK(fs::status(path / "file").permissions()
        == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE_FIXTURE(temp_folder, "a durable write that fails changes nothing") {
  write_flushed(path / "file", "first");
  fs::create_directory(path / "file.part"); // in the way
  CHECK_THROWS_AS(write_flushed(path / "file", "second"), fs::filesystem_error);
  CHECK(content(path / "file") == "first");
}

TEST_CASE_FIXTURE(temp_folder, "a durable write makes a folder that has "
                               "vanished") {
  write_flushed(path / "a" / "b" / "file", "text");
  CHECK(content(path / "a" / "b" / "file") == "text");
  CHECK(fs::status(path / "a" / "b").permissions() == fs::perms::owner_all);
}

TEST_CASE_FIXTURE(temp_folder, "binaries are stored again after their folder "
                               "has vanished") {
  content_files files{(path / "binaries").string()};
  files.put(binary_type::jar, "one");
  fs::remove_all(path / "binaries");
  auto digest = files.put(binary_type::jar, "one");
  CHECK(content(files.path(binary_type::jar, digest)) == "one");
}

TEST_CASE_FIXTURE(temp_folder, "data files are listed and stored after their "
                               "folder has vanished") {
  data_files files{(path / "data").string()};
  files.put("old", "one", 0);
  fs::remove_all(path / "data");
  CHECK(files.list().empty());
  CHECK_NOTHROW(files.clear());
  auto file = files.put("new", "two", 0);
  CHECK(content(file) == "two");
  CHECK(files.list() == std::vector{file});
}

TEST_CASE_FIXTURE(temp_folder, "a result is stored after their folder has "
                               "vanished") {
  auto folder = (path / "results").string();
  result_file file{folder, "job", 1};
  file.append("text");
  file.commit(durability::flushed);
  CHECK(content(path / "results" / "job") == "text");
  CHECK(fs::status(folder).permissions() == fs::perms::owner_all);
}
