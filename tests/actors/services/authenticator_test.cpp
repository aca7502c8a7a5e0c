#include <fstream>

#include <doctest/doctest.h>

#include "store/files/users_file.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;

namespace fs = std::filesystem;

namespace {

struct fixture {
  temp_dir dir;
  fs::path file = dir / "users";

  void write(const std::string& text, fs::perms mode = fs::perms::owner_read) {
    std::ofstream{file} << text;
    fs::permissions(file, mode | fs::perms::owner_write);
  }

  std::string refused() const {
    try {
      read_users(file);
    } catch (const users_error& e) {
      return e.what();
    }
    return {};
  }

  bool refused_for(const std::string& why) const {
    return refused().find(why) != std::string::npos;
  }
};

} // namespace

TEST_CASE("a hash is of one password, and never the same") {
  auto hash = hash_password("right");
  CHECK(hash.starts_with("$y$"));
  CHECK(hash != hash_password("right"));
  CHECK(is_password("right", hash));
  for (auto wrong : {"", "wrong", "righ", "right "})
    CHECK_FALSE(is_password(wrong, hash));
  CHECK_FALSE(is_password(std::string{"right\0", 6}, hash));
  CHECK_FALSE(is_password("right", ""));
  CHECK_THROWS_AS(hash_password(""), users_error);
  CHECK_THROWS_AS(hash_password(std::string(600, 'x')), users_error);
}

TEST_CASE_FIXTURE(fixture, "users are read as they were written") {
  auto hash = hash_password("p");
  write_users(file, {{"ann", {hash, "jobs:read, data"}}, {"bob", {hash, ""}}});
  auto users = read_users(file);
  REQUIRE(users.size() == 2);
  CHECK(users["ann"].hash == hash);
  CHECK(users["ann"].permissions == "jobs:read, data");
  CHECK(users["bob"].permissions.empty());
}

TEST_CASE_FIXTURE(fixture, "a file that others may read is refused") {
  CHECK(refused_for("No such file"));
  write("");
  CHECK(refused().empty());
  for (auto other : {fs::perms::group_read, fs::perms::others_read,
                     fs::perms::group_write}) {
    write("", other);
    CHECK(refused_for("mode 600"));
  }
}

TEST_CASE_FIXTURE(fixture, "a wrong line is told by its number alone") {
  auto hash = hash_password("p");
  write("# who\n\nann:" + hash + ":jobs\nbob:secret:jobs\n");
  CHECK(refused_for("line 4"));
  CHECK_FALSE(refused_for("secret"));
  write("ann:" + hash + ":fly\n");
  CHECK(refused_for("permissions"));
  write("ann\n");
  CHECK(refused_for("NAME:HASH:PERMISSIONS"));
  write(":" + hash + ":jobs\n");
  CHECK(refused_for("name"));
}
