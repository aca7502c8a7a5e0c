#include <doctest/doctest.h>

#include "actors/drivers/spark_drivers.hpp"
#include "tests/runtime/launch/folder_watch.hpp"
#include "tests/runtime/launch/played_launcher.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;
using namespace hearth::launch;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

constexpr std::size_t floor_of_memory = 1000;

/// A server whose Spark, processes and memory the test plays.
struct fixture {
  fixture() {
    dir.write("spark/bin/spark-submit", "");
    dir.write("spark/jars/spark-core_2.12-3.5.7.jar", "");
    dir.write("jdk/bin/java", "");
    dir.write("jdk/release", "JAVA_VERSION=\"17.0.1\"\n");
    dir.write("agent/hearth-agent_2.12.jar", "");
    settings.home = dir / "spark";
    settings.agent_dir = dir / "agent";
    settings.class_archive = false;
    settings.warm_spares = 0;
    settings.spare_memory_floor = floor_of_memory;
  }

  spark_drivers& drivers() {
    if (!drivers_)
      drivers_ = std::make_unique<spark_drivers>(spark_drivers::spec{
        settings,
        {},
        dir / "data",
        launcher,
        [this](const process_exit& x) { ended.push_back(x); },
        [this](const submit_question& x) { questions.push_back(x); },
        [this] { return memory; },
        [this] { return time; }});
    return *drivers_;
  }

  /// Asks for the driver of a context.
  std::optional<process_id> start(const std::string& id,
                                  conf::settings_map own = {}) {
    auto folder = dir / ("data/contexts/" + id);
    fs::create_directories(folder);
    return drivers().start(
      {id, id, own, folder, [](const process_exit&) {}},
      [&](const spark_settings&) { return folder + "/agent.json"; });
  }

  /// Spark's launcher answers what it was asked first.
  void answer() {
    REQUIRE(!questions.empty());
    auto x = questions.front();
    questions.erase(questions.begin());
    std::vector<std::string> argv{dir / "jdk/bin/java", "-cp",
                                  dir / "spark/jars/*",
                                  "org.apache.spark.deploy.SparkSubmit"};
    // After the shell, its script, and where it writes.
    argv.insert(argv.end(), x.command.argv.begin() + 5, x.command.argv.end());
    drivers().learn(x, {argv, {}});
  }

  /// The spare that was started last is warm. @returns its process
  std::int64_t warm_up() {
    std::ofstream{launcher->specs.back().working_dir + "/warm"};
    return launcher->next - 1;
  }

  /// What makes an archive ends well. @returns where it wrote that
  std::string finish_archive() {
    auto& argv = launcher->specs.back().argv;
    auto option = std::find_if(argv.begin(), argv.end(), [](auto& x) {
      return x.starts_with("-XX:ArchiveClassesAtExit=");
    });
    REQUIRE(option != argv.end());
    auto scratch = option->substr(option->find('=') + 1);
    std::ofstream{scratch} << "classes";
    launcher->die(launcher->next - 1, 0);
    drivers().ended(ended.back());
    return scratch;
  }

  /// Keeps one spare.
  void want_spares() {
    settings.warm_spares = 1;
    drivers().maintain();
    answer();
    drivers().maintain();
  }

  temp_dir dir;
  conf::spark_settings settings;
  std::shared_ptr<played_launcher> launcher
    = std::make_shared<played_launcher>();
  spark_drivers::clock::time_point time{std::chrono::hours{1}};
  std::optional<std::size_t> memory = 2 * floor_of_memory;
  std::vector<submit_question> questions;
  std::vector<process_exit> ended;

private:
  std::unique_ptr<spark_drivers> drivers_;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "Spark's launcher is asked once for many contexts") {
  CHECK(!start("c1"));
  CHECK(!start("c2"));
  CHECK(questions.size() == 1);
  CHECK(launcher->specs.empty());
  answer();
  CHECK(start("c1").has_value());
  CHECK(start("c2").has_value());
  CHECK(questions.empty());
  CHECK(launcher->specs.back().argv.back()
        == dir / "data/contexts/c2/agent.json");
}

TEST_CASE_FIXTURE(fixture,
                  "what is known starts while something new is asked") {
  CHECK(!start("c1"));
  answer();
  CHECK(!start("large", {{"launcher.spark.driver.memory", "3g"}}));
  CHECK(start("c1").has_value());
  answer();
  CHECK(start("large", {{"launcher.spark.driver.memory", "3g"}}).has_value());
}

TEST_CASE_FIXTURE(fixture, "without an answer spark-submit itself is started") {
  CHECK(!start("c1"));
  drivers().learn(questions.front(), {});
  CHECK(start("c1").has_value());
  CHECK(launcher->specs.back().argv.front() == dir / "spark/bin/spark-submit");
}

TEST_CASE_FIXTURE(fixture, "a spare is kept warm, taken and replaced") {
  want_spares();
  CHECK(drivers().status() == "0 of 1 spares warm");
  auto spare = warm_up();
  CHECK(drivers().status() == "1 of 1 spares warm");
  auto taken = start("c1");
  REQUIRE(taken.has_value());
  CHECK(taken->pid == spare);
  drivers().maintain();
  CHECK(launcher->specs.size() == 1);
  drivers().settled("c1");
  time += 1s;
  drivers().maintain();
  CHECK(launcher->specs.size() == 2);
}

TEST_CASE_FIXTURE(fixture, "a context with settings of its JVM starts cold") {
  want_spares();
  warm_up();
  CHECK(!start("large", {{"launcher.spark.driver.memory", "3g"}}));
  answer();
  CHECK(start("large", {{"launcher.spark.driver.memory", "3g"}}).has_value());
  CHECK(drivers().status() == "1 of 1 spares warm");
}

TEST_CASE_FIXTURE(fixture, "a context with jars for spark-submit starts cold") {
  want_spares();
  warm_up();
  settings_map jars{{"spark.jars", setting::json(R"(["/a.jar","/b.jar"])")}};
  CHECK(!start("with-jars", jars));
  answer();
  CHECK(start("with-jars", jars).has_value());
  CHECK(drivers().status() == "1 of 1 spares warm");
}

TEST_CASE_FIXTURE(fixture, "spares are given up while memory is short") {
  want_spares();
  auto spare = warm_up();
  memory = floor_of_memory - 1;
  drivers().maintain();
  CHECK(launcher->was_killed(spare));
  CHECK(drivers().status() == "0 of 1 spares warm");
  drivers().maintain();
  CHECK(launcher->specs.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "no spare is begun while memory is short") {
  memory = floor_of_memory - 1;
  want_spares();
  CHECK(launcher->specs.empty());
  memory = floor_of_memory;
  time += 1s;
  drivers().maintain();
  CHECK(launcher->specs.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "spares do not need a kernel that tells of memory") {
  memory = std::nullopt;
  want_spares();
  CHECK(launcher->specs.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "nothing else is begun while a context starts") {
  CHECK(!start("c1"));
  answer();
  CHECK(start("c1").has_value());
  drivers().maintain();
  CHECK(launcher->specs.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "a spare that dies is replaced after a pause") {
  want_spares();
  // The pause doubles as long as none gets warm.
  for (auto pause : {1s, 2s, 4s}) {
    auto started = launcher->specs.size();
    launcher->die(launcher->next - 1);
    drivers().ended(ended.back());
    CHECK(drivers().status() == "0 of 1 spares warm");
    time += pause - 1ms;
    drivers().maintain();
    CHECK(launcher->specs.size() == started);
    time += 1ms;
    drivers().maintain();
    CHECK(launcher->specs.size() == started + 1);
  }
}

TEST_CASE_FIXTURE(fixture, "an archive that takes too long is given up") {
  settings.class_archive = true;
  want_spares();
  auto maker = launcher->next - 1;
  time += 6min;
  drivers().maintain();
  CHECK(launcher->was_killed(maker));
  CHECK(drivers().status() == "0 of 1 spares warm");
}

TEST_CASE_FIXTURE(fixture, "an archive is made once, before any spare") {
  settings.class_archive = true;
  want_spares();
  REQUIRE(launcher->specs.size() == 1);
  auto& maker = launcher->specs.front().argv;
  CHECK(maker.back() == "--rehearse");
  CHECK(launcher->specs.front().stdin_fd >= 0); // it ends with the server
  drivers().maintain();
  CHECK(launcher->specs.size() == 1);
  finish_archive();
  time += 1s;
  drivers().maintain();
  REQUIRE(launcher->specs.size() == 2);
  auto& spare = launcher->specs.back().argv;
  CHECK(spare[1].starts_with("-XX:SharedArchiveFile="));
}

TEST_CASE_FIXTURE(fixture, "nothing else is left when an archive appears") {
  settings.class_archive = true;
  want_spares();
  auto folder = dir / "data/cds";
  auto name = fs::path{finish_archive()}.stem().string();
  // The agent is another one from now on, and the archive of before is old.
  dir.write("agent/hearth-agent_2.12.jar", "newer");
  drivers().maintain();
  folder_watch watch{folder};
  auto scratch = fs::path{finish_archive()}.filename().string();
  auto newer = fs::path{scratch}.stem().string();
  CHECK(newer != name);
  CHECK(watch.seen()
        == std::vector<std::string>{"+" + scratch, "-making", "-" + name,
                                    "-" + scratch, "+" + newer});
}

TEST_CASE_FIXTURE(fixture, "an archive that failed is not tried again") {
  settings.class_archive = true;
  settings.warm_spares = 0;
  drivers().maintain();
  answer();
  drivers().maintain();
  REQUIRE(launcher->specs.size() == 1);
  launcher->die(launcher->next - 1, 1);
  drivers().ended(ended.back());
  drivers().maintain();
  CHECK(launcher->specs.size() == 1);
  CHECK(fs::exists(dir / "data/cds/making")); // its log says why
}

TEST_CASE_FIXTURE(fixture, "a Spark that is not there is named") {
  fs::remove_all(dir / "spark");
  CHECK_THROWS_WITH_AS(start("c1"), doctest::Contains("no Spark at"),
                       launch_error);
  drivers().maintain();
  CHECK(questions.empty());
}

TEST_CASE_FIXTURE(fixture, "a spare whose folder was removed is replaced") {
  want_spares();
  auto spare = launcher->next - 1;
  fs::remove_all(dir / "data/spares");
  time += 1s;
  drivers().maintain();
  CHECK(launcher->was_killed(spare));
  CHECK(launcher->specs.size() == 2);
  warm_up();
  CHECK(drivers().status() == "1 of 1 spares warm");
}

TEST_CASE_FIXTURE(fixture, "an archive that was removed is made again") {
  settings.class_archive = true;
  drivers().maintain();
  answer();
  for (int i = 0; i < 2; ++i) {
    CAPTURE(i);
    drivers().maintain();
    REQUIRE(launcher->specs.size() == static_cast<std::size_t>(i + 1));
    finish_archive();
    drivers().maintain(); // it is there
    CHECK(launcher->specs.size() == static_cast<std::size_t>(i + 1));
    fs::remove_all(dir / "data/cds");
  }
}

TEST_CASE_FIXTURE(fixture, "drivers with a local master are told to listen "
                           "on 127.0.0.1") {
  CHECK(!start("c1"));
  CHECK(questions.front().command.env["SPARK_LOCAL_IP"] == "127.0.0.1");
}
