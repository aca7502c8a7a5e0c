#include <array>
#include <fstream>

#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "actors/services/authenticator.hpp"
#include "store/files/users_file.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;
using namespace hearth::test;

namespace fs = std::filesystem;

namespace {

struct file_fixture {
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

TEST_CASE_FIXTURE(file_fixture, "users are read as they were written") {
  auto hash = hash_password("p");
  write_users(file, {{"ann", {hash, "jobs:read, data"}}, {"bob", {hash, ""}}});
  auto users = read_users(file);
  REQUIRE(users.size() == 2);
  CHECK(users["ann"].hash == hash);
  CHECK(users["ann"].permissions == "jobs:read, data");
  CHECK(users["bob"].permissions.empty());
}

TEST_CASE_FIXTURE(file_fixture, "a file that others may read is refused") {
  CHECK(refused_for("No such file"));
  write("");
  CHECK(refused().empty());
  for (auto other : {fs::perms::group_read, fs::perms::others_read,
                     fs::perms::group_write}) {
    write("", other);
    CHECK(refused_for("mode 600"));
  }
}

TEST_CASE_FIXTURE(file_fixture, "a wrong line is told by its number alone") {
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

namespace {

/// The actor that checks passwords, with hashers that only count.
struct checking_fixture {
  checking_fixture() {
    std::ofstream{dir / "users"};
    checker
      = sys.spawn(hearth::access, authenticator_settings{dir / "users", 0});
    for (std::size_t i = 0; i < hashed.size(); ++i) {
      auto& count = hashed[i];
      hashers.push_back(sys.spawn(
        [&](password_actor::pointer) -> password_actor::behavior_type {
          return {
            [&](atom::get, const std::string&, const std::string&) {
              ++count;
              return false;
            },
            [](atom::status) { return std::vector<actor_status>{}; },
          };
        }));
      state().idle.push(hashers.back());
    }
    sched.run();
  }

  ~checking_fixture() {
    caf::anon_send_exit(checker, caf::exit_reason::user_shutdown);
    for (auto& hasher : hashers)
      caf::anon_send_exit(hasher, caf::exit_reason::user_shutdown);
    sched.run();
  }

  access_state& state() {
    using based = access_actor::stateful_base<access_state>;
    return dynamic_cast<based&>(*caf::actor_cast<caf::abstract_actor*>(checker))
      .state;
  }

  void check_password() {
    caf::scoped_actor self{sys};
    auto answer = self->request(checker, caf::infinite, atom::get_v,
                                std::string{"ann"}, std::string{"wrong"});
    sched.run();
    answer.receive([](std::uint32_t) {}, [](const caf::error&) {});
  }

  temp_dir dir;
  test_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  access_actor checker;
  std::array<int, 3> hashed{};
  std::vector<password_actor> hashers;
};

} // namespace

TEST_CASE_FIXTURE(checking_fixture, "all hashers take their turn") {
  fs::permissions(dir / "users", fs::perms::owner_read);
  for (int i = 0; i < 6; ++i)
    check_password();
  CHECK(hashed == std::array<int, 3>{2, 2, 2});
}
