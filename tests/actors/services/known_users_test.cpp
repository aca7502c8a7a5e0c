#include <fstream>

#include <doctest/doctest.h>

#include "actors/services/known_users.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

struct fixture {
  temp_dir dir;
  std::filesystem::path file = dir / "users";
  int reads = 0;
  std::string trouble; ///< of each read; "": there is none
  known_users::clock::time_point now{};
  known_users users{file, [this](const auto&) {
                      ++reads;
                      if (!trouble.empty())
                        throw users_error{trouble};
                      return user_map{{"ann", {"hash", "jobs"}}};
                    }};

  void write(const std::string& text) {
    std::ofstream{file} << text;
  }

  bool refresh(std::chrono::milliseconds later = 0ms) {
    now += later;
    return users.refresh(now);
  }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "the users are read again when their file changed") {
  write("one");
  CHECK(refresh());
  CHECK(users.failure().empty());
  CHECK(users.take_news().empty());
  REQUIRE(users.find("ann"));
  CHECK(users.find("ann")->hash == "hash");
  CHECK_FALSE(users.find("bob"));
  CHECK_FALSE(refresh(1h));
  CHECK(reads == 1);
  write("another size");
  CHECK(refresh());
  CHECK(reads == 2);
}

TEST_CASE_FIXTURE(fixture, "a change of mode counts, for it may make the file "
                           "readable") {
  write("one");
  trouble = "mode 600";
  CHECK_FALSE(refresh());
  trouble.clear();
  namespace fs = std::filesystem;
  fs::permissions(file, fs::perms::owner_read);
  CHECK(refresh());
  CHECK(users.failure().empty());
}

TEST_CASE_FIXTURE(fixture, "a file that cannot be read is tried once a second "
                           "and logged once") {
  trouble = "no such file";
  CHECK_FALSE(refresh());
  CHECK(users.failure() == "no such file");
  CHECK(users.take_news() == "no user can be let in: no such file");
  for (int i = 0; i < 100; ++i)
    CHECK_FALSE(refresh(1ms));
  CHECK(reads == 1);
  CHECK_FALSE(refresh(1s));
  CHECK(reads == 2);
  CHECK(users.take_news().empty());
  trouble = "line 3";
  CHECK_FALSE(refresh(1s));
  CHECK(users.take_news() == "no user can be let in: line 3");
  trouble.clear();
  CHECK(refresh(1s));
  CHECK(users.failure().empty());
  CHECK(users.take_news() == "the users can be read again");
  CHECK(users.take_news().empty());
}

TEST_CASE_FIXTURE(fixture, "what is wrong with a changed file is logged anew") {
  write("one");
  trouble = "line 1";
  refresh();
  users.take_news();
  write("another size");
  CHECK_FALSE(refresh());
  CHECK(users.take_news() == "no user can be let in: line 1");
}
