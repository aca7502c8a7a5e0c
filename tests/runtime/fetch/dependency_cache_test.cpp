#include <doctest/doctest.h>

#include "runtime/fetch/dependency_cache.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

struct fixture {
  /// An entry of 10 bytes, used that long ago. @returns the path of its file
  std::string entry(const std::string& file, std::chrono::minutes age) {
    dir.write(file, std::string(10, 'x'));
    fs::path path = dir / file;
    // What is marked is the folder of an artifact's version.
    if (file.starts_with("maven/"))
      path = path.parent_path().parent_path();
    fs::last_write_time(path, fs::file_time_type::clock::now() - age);
    return dir / file;
  }

  bool there(const std::string& file) const {
    return fs::exists(dir / file);
  }

  temp_dir dir;
  dependency_cache cache{dir.path, 25};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "what fits into the folder stays") {
  entry("a.jar", 90min);
  entry("b.jar", 80min);
  cache.trim({});
  CHECK(there("a.jar"));
  CHECK(there("b.jar"));
}

TEST_CASE_FIXTURE(fixture, "the least recently used goes first, and no more") {
  entry("a.jar", 80min);
  entry("b.jar", 90min);
  entry("c.jar", 70min);
  cache.trim({});
  CHECK(there("a.jar"));
  CHECK(!there("b.jar"));
  CHECK(there("c.jar"));
}

TEST_CASE_FIXTURE(fixture, "an artifact goes with all that it needs") {
  entry("maven/org.x/tool/1.0/jars/tool-1.0.jar", 90min);
  dir.write("maven/org.x/tool/1.0/pom.xml", "<project/>");
  fs::last_write_time(dir / "maven/org.x/tool/1.0",
                      fs::file_time_type::clock::now() - 90min);
  entry("maven/org.x/tool/1.1/jars/tool-1.1.jar", 80min);
  entry("c.jar", 70min);
  cache.trim({});
  CHECK(!there("maven/org.x/tool/1.0"));
  CHECK(there("maven/org.x/tool/1.1/jars/tool-1.1.jar"));
  CHECK(there("c.jar"));
}

TEST_CASE_FIXTURE(fixture, "what is in use stays, however old it is") {
  auto jar = entry("maven/org.x/tool/1.0/jars/tool-1.0.jar", 90min);
  auto file = entry("a.jar", 80min);
  entry("b.jar", 70min);
  entry("c.jar", 60min);
  cache.trim({jar, file, "/elsewhere/d.jar"});
  CHECK(there("maven/org.x/tool/1.0/jars/tool-1.0.jar"));
  CHECK(there("a.jar"));
  CHECK(!there("b.jar"));
  CHECK(!there("c.jar"));
}

TEST_CASE_FIXTURE(fixture, "a use counts, and what was just used stays") {
  auto artifact = entry("maven/org.x/tool/1.0/jars/tool-1.0.jar", 90min);
  auto file = entry("a.jar", 80min);
  entry("b.jar", 70min);
  cache.used(artifact);
  cache.used(file);
  entry("c.jar", 1min);
  cache.trim({});
  CHECK(there("maven/org.x/tool/1.0/jars/tool-1.0.jar"));
  CHECK(there("a.jar"));
  CHECK(!there("b.jar"));
  CHECK(there("c.jar"));
}

TEST_CASE_FIXTURE(fixture, "what was left half done is removed at the start") {
  dir.write("download.part", "x");
  dir.write("maven/org.x/tool/1.0/jars.part/a.jar", "x");
  entry("a.jar", 90min);
  dependency_cache again{dir.path, 25};
  CHECK(!there("download.part"));
  CHECK(!there("maven/org.x/tool/1.0/jars.part"));
  CHECK(there("a.jar"));
}
