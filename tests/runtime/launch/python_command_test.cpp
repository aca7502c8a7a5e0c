#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <doctest/doctest.h>

#include "runtime/launch/python_command.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

namespace fs = std::filesystem;
using namespace hearth::launch;

namespace {

/// Returns what is said when that cannot be started.
std::string problem(const std::string& agent_dir,
                    const std::string& interpreter) {
  try {
    python_command(agent_dir, interpreter, "start", "dir");
    return "none";
  } catch (const launch_error& e) {
    return e.what();
  }
}

/// A folder with what python_command looks for.
struct fixture {
  fixture() {
    std::ofstream{agent()} << "";
    fs::create_directories(bin());
    std::ofstream{interpreter()} << "";
    fs::permissions(interpreter(), fs::perms::owner_all);
  }
  std::string agent() const {
    return dir / "hearth_agent.py";
  }
  fs::path bin() const {
    return dir / "bin";
  }
  std::string interpreter() const {
    return bin() / "python3";
  }

  temp_dir dir;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a Python agent is started by its path") {
  auto spec = python_command(dir / "", interpreter(), "/c/agent.json", "/c");
  CHECK(spec.argv
        == std::vector<std::string>{interpreter(), agent(), "/c/agent.json"});
  CHECK(spec.working_dir == "/c");
  CHECK(spec.log_file == "/c/driver.log");
}

TEST_CASE_FIXTURE(fixture, "an interpreter is searched for in PATH") {
  std::string old = std::getenv("PATH");
  ::setenv("PATH", ("/nowhere::" + bin().string()).c_str(), 1);
  auto spec = python_command(dir / "", "", "start", "dir");
  auto missing = problem(dir / "", "python0");
  ::setenv("PATH", old.c_str(), 1);
  CHECK(spec.argv[0] == interpreter());
  CHECK(missing.find("there is no python0 in PATH") == 0);
}

TEST_CASE_FIXTURE(fixture, "an interpreter that cannot be run is refused") {
  auto expected = "python.executable has to be the absolute path";
  CHECK(problem(dir / "", agent()).find(expected) == 0);
  CHECK(problem(dir / "", "bin/python3").find(expected) == 0);
  CHECK(problem(dir / "", bin().string()).find(expected) == 0);
}

TEST_CASE("the factories of Python jobs with Spark are known by their names") {
  CHECK(is_pyspark_factory("spark.jobserver.python.PythonContextFactory"));
  CHECK(!is_pyspark_factory("spark.jobserver.context.SessionContextFactory"));
  CHECK(!is_pyspark_factory(python_factory));
  CHECK(!is_pyspark_factory(""));
}

TEST_CASE_FIXTURE(fixture, "a missing Python agent is named") {
  auto text = problem(bin().string(), interpreter());
  CHECK(text.find((bin() / "hearth_agent.py").string()) != std::string::npos);
  CHECK(text.find("hearth.python.agent-dir") != std::string::npos);
}
