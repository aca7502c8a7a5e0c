#include <doctest/doctest.h>

#include "runtime/launch/spark_homes.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth::launch;

namespace {

struct fixture {
  fixture() {
    add("a", "2.12-3.5.7");
    add("b", "2.13-4.1.1");
    add("c", "2.13-4.0.10");
  }

  void add(const std::string& name, const std::string& versions) {
    dir.write(name + "/bin/spark-submit", "");
    dir.write(name + "/jars/spark-core_" + versions + ".jar", "");
  }

  std::map<std::string, std::string> named() const {
    return {{"3.5", dir / "a"}, {"new", dir / "b"}, {"gone", dir / "none"}};
  }

  temp_dir dir;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a Spark is found by its name or exact version") {
  spark_homes homes{named(), dir / "c", ""};
  CHECK(homes.find("3.5").path == dir / "a");
  CHECK(homes.find("3.5.7").path == dir / "a");
  CHECK(homes.find("new").path == dir / "b");
  CHECK(homes.find("4.1.1").path == dir / "b");
  CHECK(homes.find("4.0.10").path == dir / "c");
  CHECK(homes.find("4.0").path == dir / "c");
}

TEST_CASE_FIXTURE(fixture, "an unknown Spark is told with those there are") {
  auto text = "there is no Spark 9 here (spark.version); there are: 3.5 "
              "(3.5.7), gone, new (4.1.1), 4.0.10";
  CHECK_THROWS_WITH_AS(spark_homes(named(), dir / "c", "").find("9"), text,
                       unknown_version);
  CHECK_THROWS_WITH_AS(
    spark_homes().find("9"),
    "there is no Spark 9 here (spark.version); there is none", unknown_version);
}

TEST_CASE_FIXTURE(fixture, "the default is the one set, spark.home, or the "
                           "newest") {
  CHECK(spark_homes(named(), dir / "c", "3.5").find("").path == dir / "a");
  CHECK(spark_homes(named(), dir / "c", "").find("").path == dir / "c");
  CHECK(spark_homes(named(), "", "").find("").path == dir / "b");
  CHECK_THROWS_AS(spark_homes().find(""), launch_error);
}
