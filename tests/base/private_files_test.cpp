#include <filesystem>
#include <stdlib.h>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "base/private_files.hpp"

using namespace hearth;

namespace fs = std::filesystem;

namespace {

/// A folder that goes away with the test, under an umask that takes nothing.
struct fixture {
  fixture() {
    std::string name = (fs::temp_directory_path() / "hearth-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }

  ~fixture() {
    ::umask(umask);
    fs::remove_all(path);
  }

  static fs::perms mode(const fs::path& file) {
    return fs::status(file).permissions();
  }

  fs::path path;
  mode_t umask = ::umask(0);
};

constexpr auto private_file = fs::perms::owner_read | fs::perms::owner_write;

} // namespace

TEST_CASE_FIXTURE(fixture, "folders that are missing are made for their owner "
                           "alone") {
  make_private_folder(path / "a" / "b");
  CHECK(mode(path / "a") == fs::perms::owner_all);
  CHECK(mode(path / "a" / "b") == fs::perms::owner_all);
}

TEST_CASE_FIXTURE(fixture, "a folder that is there keeps its mode") {
  fs::create_directory(path / "open");
  auto before = mode(path / "open");
  make_private_folder(path / "open");
  make_private_folder(path / "open" / "");
  CHECK(mode(path / "open") == before);
}

TEST_CASE_FIXTURE(fixture, "a file in the place of a folder is an error that "
                           "names it") {
  std::fclose(open_private_file(path / "file"));
  CHECK_THROWS_WITH_AS(make_private_folder(path / "file"),
                       doctest::Contains("file"), fs::filesystem_error);
  CHECK_THROWS_AS(make_private_folder(path / "file" / "below"),
                  fs::filesystem_error);
}

TEST_CASE_FIXTURE(fixture, "a file is its owner's alone, and empty") {
  auto* file = open_private_file(path / "file");
  REQUIRE(file);
  std::fputs("content", file);
  std::fclose(file);
  CHECK(mode(path / "file") == private_file);
  std::fclose(open_private_file(path / "file"));
  CHECK(fs::file_size(path / "file") == 0);
  std::fclose(open_private_file(path / "missing" / "file"));
  CHECK(mode(path / "missing") == fs::perms::owner_all);
  CHECK_FALSE(open_private_file(path)); // a folder
}
