#include <doctest/doctest.h>

#include "runtime/fetch/maven.hpp"

using namespace hearth;

TEST_CASE("a Maven coordinate has a group, an artifact and a version") {
  auto x = parse_coordinate("maven:org.example:tool_2.12:1.0-rc1");
  REQUIRE(x);
  CHECK(x->group == "org.example");
  CHECK(x->artifact == "tool_2.12");
  CHECK(x->version == "1.0-rc1");
}

TEST_CASE("nothing else is a Maven coordinate") {
  for (auto text : {"maven:a:b", "maven:a:b:c:d", "maven:a::c",
                    "maven:", "maven:a:b:../c", "maven:a:b:c/d",
                    "maven:a:b:c d", "maven:a:b:<c>", "maven:a:..:c", "a:b:c"})
    CHECK_FALSE(parse_coordinate(text));
}

TEST_CASE("a project leaves Spark and Scala out and names the repositories") {
  auto x = maven_project({"g", "a", "1"}, "file:///r?x=1&y=2, http://h/r");
  CHECK(x.find("<groupId>g</groupId><artifactId>a</artifactId>"
               "<version>1</version>")
        != std::string::npos);
  for (auto group : {"org.apache.spark", "org.scala-lang"})
    CHECK(x.find(std::string{"<exclusion><groupId>"} + group)
          != std::string::npos);
  CHECK(x.find("<url>file:///r?x=1&amp;y=2</url>") != std::string::npos);
  CHECK(x.find("<url>http://h/r</url>") != std::string::npos);
  CHECK(maven_project({"g", "a", "1"}, "").find("repositor")
        == std::string::npos);
}
