#include <poll.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/launch/spare_pool.hpp"
#include "tests/runtime/launch/played_launcher.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;
using namespace hearth::launch;

namespace {

namespace fs = std::filesystem;

struct fixture {
  /// Starts a spare that the test can read for. @returns its process
  std::int64_t start(const process_spec& key = {}) {
    auto before = launcher->next;
    pool->start(key, {}, [this](const process_exit& x) {
      died.push_back(x.process.pid);
    });
    return before;
  }

  /// The spare has had its Spark context.
  void warm_up(std::int64_t pid) {
    std::ofstream{fs::path{folder_of(pid)} / "warm"};
  }

  std::string folder_of(std::int64_t pid) const {
    return launcher->specs[static_cast<std::size_t>(pid - 1000)].working_dir;
  }

  /// An empty folder of a context.
  std::string context_folder(const std::string& name) {
    fs::create_directories(dir / name);
    return dir / name;
  }

  std::optional<process_id> adopt(const std::string& folder,
                                  const process_spec& key = {}) {
    return pool->adopt(
      key, folder,
      [folder] {
        std::ofstream{folder + "/agent.json"};
        return folder + "/agent.json";
      },
      [this](const process_exit& x) { ended.push_back(x.process.pid); });
  }

  std::string told(std::int64_t pid) {
    std::string text(200, '\0');
    auto n = ::read(launcher->stdin_of[pid], text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    return text;
  }

  temp_dir dir;
  std::shared_ptr<played_launcher> launcher
    = std::make_shared<played_launcher>();
  std::unique_ptr<spare_pool> pool
    = std::make_unique<spare_pool>(launcher, dir / "spares");
  std::vector<std::int64_t> died;  ///< as spares
  std::vector<std::int64_t> ended; ///< as processes of contexts
};

process_spec made_from(const std::string& argument) {
  process_spec result;
  result.argv = {argument};
  return result;
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a warm spare becomes the process of a context") {
  auto spare = start();
  CHECK(pool->size() == 1);
  CHECK(pool->warm() == 0);
  warm_up(spare);
  CHECK(pool->warm() == 1);
  auto folder = context_folder("c1");
  auto was = folder_of(spare);
  auto process = adopt(folder);
  REQUIRE(process.has_value());
  CHECK(process->pid == spare);
  CHECK(pool->size() == 0);
  CHECK(told(spare) == folder + "/agent.json\n");
  CHECK(!fs::exists(folder + "/warm"));
  CHECK(fs::read_symlink(was) == fs::path{folder});
  launcher->die(spare);
  CHECK(ended == std::vector{spare});
  CHECK(died.empty());
  pool->remove_link(folder);
  CHECK(!fs::is_symlink(was));
}

TEST_CASE_FIXTURE(fixture, "one that is not warm is not taken") {
  start();
  CHECK(!adopt(context_folder("c1")));
  CHECK(pool->size() == 1);
}

TEST_CASE_FIXTURE(fixture, "one that was made from something else stays") {
  warm_up(start(made_from("-Xmx1g")));
  CHECK(!adopt(context_folder("c1"), made_from("-Xmx2g")));
  CHECK(pool->warm() == 1);
  CHECK(adopt(context_folder("c1"), made_from("-Xmx1g")));
}

TEST_CASE_FIXTURE(fixture, "one that has died is not taken, and is told of") {
  auto spare = start();
  warm_up(spare);
  launcher->die(spare);
  CHECK(!adopt(context_folder("c1")));
  CHECK(died == std::vector{spare});
  CHECK(ended.empty());
  CHECK(pool->bury({spare, 1}));
  CHECK(!pool->bury({spare, 1}));
  CHECK(!fs::exists(folder_of(spare)));
  CHECK(pool->size() == 0);
}

TEST_CASE_FIXTURE(fixture, "a context whose folder is in use starts cold") {
  auto spare = start();
  warm_up(spare);
  auto folder = context_folder("c1");
  std::ofstream{folder + "/driver.log"};
  CHECK(!adopt(folder));
  CHECK(launcher->was_killed(spare));
  CHECK(pool->size() == 0);
  launcher->die(spare);
  CHECK(ended.empty());
  CHECK(died.empty());
}

TEST_CASE_FIXTURE(fixture, "all spares end with the pool, and their folders") {
  auto first = start();
  auto second = start();
  pool.reset();
  CHECK(launcher->was_killed(first));
  CHECK(launcher->was_killed(second));
  CHECK(fs::is_empty(dir / "spares"));
  // The end of its input is a spare's end, should the signal be lost.
  pollfd input{launcher->stdin_of[first], POLLIN, 0};
  CHECK(::poll(&input, 1, 0) == 1);
  CHECK((input.revents & POLLHUP) != 0);
}

TEST_CASE_FIXTURE(fixture, "a spare that cannot be started leaves nothing") {
  launcher->refuses = true;
  CHECK_THROWS_AS(pool->start({}, {}, [](const process_exit&) {}),
                  launch_error);
  CHECK(pool->size() == 0);
  CHECK(fs::is_empty(dir / "spares"));
}

TEST_CASE_FIXTURE(fixture, "of an earlier server only links in use stay") {
  fs::create_directories(dir / "spares");
  auto living = context_folder("living");
  std::ofstream{living + "/agent.json"};
  fs::create_directory_symlink(living, dir / "spares/1-1");
  fs::create_directory_symlink(context_folder("dead"), dir / "spares/1-2");
  dir.write("spares/1-3/driver.log", "");
  spare_pool next{launcher, dir / "spares"};
  CHECK(fs::is_symlink(dir / "spares/1-1"));
  CHECK(!fs::is_symlink(dir / "spares/1-2"));
  CHECK(!fs::exists(dir / "spares/1-3"));
}
