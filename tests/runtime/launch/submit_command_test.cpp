#include <algorithm>

#include <doctest/doctest.h>

#include "runtime/launch/class_archive.hpp"
#include "runtime/launch/submit_command.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth::launch;

namespace {

/// A distribution whose launcher is a script in place of a JVM.
struct fixture {
  fixture() {
    dir.write("spark/bin/load-spark-env.sh",
              ". \"$SPARK_HOME/conf/spark-env.sh\"; echo noise\n");
    dir.write("spark/conf/spark-env.sh", "export COLOUR=green\n");
    dir.write("jdk/release", "JAVA_VERSION=\"17.0.1\"\n");
    dir.write("spark/jars/a.jar", "a");
    java(R"(echo x >> "$SPARK_HOME/calls"; printf '\0\n'
printf '%s\0' "$JAVA_HOME/bin/java" -cp \
  "$SPARK_HOME/conf:$SPARK_HOME/jars/*:/etc/hadoop" -Xmx1g "${@:5}")");
    submit.argv
      = {dir / "spark/bin/spark-submit", "--master", "local", "a.jar", "file"};
    submit.env = {{"SPARK_HOME", dir / "spark"}, {"JAVA_HOME", dir / "jdk"}};
    submit.working_dir = dir.path;
  }

  void java(const std::string& script) {
    dir.write("jdk/bin/java", "#!/usr/bin/env bash\n" + script + "\n");
    std::filesystem::permissions(dir / "jdk/bin/java",
                                 std::filesystem::perms::owner_all);
  }

  /// The command, for which the launcher is asked if need be.
  process_spec direct() {
    if (auto known = commands.direct(submit, 1))
      return *known;
    auto question = commands.question(submit, 1);
    commands.learn(question, ask(question));
    return commands.direct(submit, 1).value();
  }

  temp_dir dir;
  process_spec submit;
  submit_commands commands;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "the launcher is asked once for what is the same") {
  auto x = direct();
  CHECK(is_direct(x));
  CHECK(x.argv
        == std::vector<std::string>{
          dir / "jdk/bin/java", "-cp",
          dir / "spark/conf:" + dir / "spark/jars/*:/etc/hadoop", "-Xmx1g",
          "org.apache.spark.deploy.SparkSubmit", "--master", "local", "a.jar",
          "file"});
  CHECK(x.env["COLOUR"] == "green");
  CHECK(x.env["PYTHONHASHSEED"] == "0");
  submit.argv.back() = "other";
  CHECK(direct().argv.back() == "other");
  CHECK(dir.read("spark/calls") == "x\n");
  dir.write("spark/conf/spark-env.sh", "export COLOUR=dark-red\n");
  CHECK(direct().env["COLOUR"] == "dark-red");
  for (const auto& x : std::filesystem::directory_iterator{dir.path})
    CHECK(!x.path().filename().string().starts_with("launcher"));
}

TEST_CASE_FIXTURE(fixture, "another environment is another question") {
  submit.env["SPARK_LOCAL_IP"] = "127.0.0.1";
  CHECK(direct().env["SPARK_LOCAL_IP"] == "127.0.0.1");
  submit.env["SPARK_LOCAL_IP"] = "10.0.0.1";
  CHECK(direct().env["SPARK_LOCAL_IP"] == "10.0.0.1");
  CHECK(dir.read("spark/calls") == "x\nx\n");
}

TEST_CASE_FIXTURE(fixture, "spark-env.sh has the last word") {
  submit.env["SPARK_LOCAL_IP"] = "127.0.0.1";
  // The server has it too, but its children get it only if it is asked for.
  ::setenv("AWS_COLOUR", "blue", 1);
  dir.write("spark/conf/spark-env.sh",
            "export SPARK_LOCAL_IP=10.0.0.1 AWS_COLOUR=blue\n");
  auto x = direct();
  ::unsetenv("AWS_COLOUR");
  CHECK(x.env["SPARK_LOCAL_IP"] == "10.0.0.1");
  CHECK(x.env["AWS_COLOUR"] == "blue");
}

TEST_CASE_FIXTURE(fixture, "without an answer spark-submit itself is run") {
  java("exit 1");
  auto x = direct();
  CHECK(x.argv == submit.argv);
  CHECK(!is_direct(x));
  CHECK(commands.direct(submit, 1).has_value());
}

TEST_CASE_FIXTURE(fixture, "a launcher that cannot be run has no answer") {
  submit.working_dir = dir / "nowhere";
  CHECK(direct().argv == submit.argv);
}

TEST_CASE_FIXTURE(fixture, "an archive belongs to a Spark, a Java, an agent") {
  std::string why;
  auto command = direct();
  auto file = [&] {
    return archive_for(command, dir / "agent.jar", "/cds", why).value().file;
  };
  dir.write("agent.jar", "1");
  auto first = file();
  CHECK(file() == first);
  dir.write("agent.jar", "22");
  auto second = file();
  CHECK(second != first);
  dir.write("spark/jars/b.jar", "b");
  CHECK(file() != second);
  dir.write("jdk/release", "JAVA_VERSION=\"11.0.1\"\n");
  CHECK(!archive_for(command, dir / "agent.jar", "/cds", why));
  CHECK(why.find("is Java 11") != why.npos);
}

TEST_CASE_FIXTURE(fixture, "folders of a class path come after its jars") {
  auto command = direct();
  class_archive archive{"/cds/x.jsa", ""};
  auto used = with_archive(command, archive).argv;
  CHECK(used[1] == "-XX:SharedArchiveFile=/cds/x.jsa");
  auto path = *(std::find(used.begin(), used.end(), "-cp") + 1);
  CHECK(path == dir / "spark/jars/*:" + dir / "spark/conf:/etc/hadoop");
  auto made = archiving(command, "/cds/x.new").argv;
  CHECK(made[0] == "nice");
  CHECK(*(std::find(made.begin(), made.end(), "-cp") + 1)
        == dir / "spark/jars/*");
}

TEST_CASE_FIXTURE(fixture, "a jar that Spark puts first stays first") {
  std::string why;
  auto command = direct();
  auto logger = dir / "spark/jars/a.jar";
  command.argv[2]
    = dir / "spark/conf:" + logger + ":" + dir / "spark/jars/*:/etc/hadoop";
  auto archive = archive_for(command, dir / "agent.jar", "/cds", why);
  REQUIRE(archive);
  auto first = logger + ":" + dir / "spark/jars/*";
  auto used = with_archive(command, *archive).argv;
  CHECK(*(std::find(used.begin(), used.end(), "-cp") + 1)
        == first + ":" + dir / "spark/conf:/etc/hadoop");
  auto made = archiving(command, "/cds/x.new").argv;
  CHECK(*(std::find(made.begin(), made.end(), "-cp") + 1) == first);
}

TEST_CASE_FIXTURE(fixture,
                  "what comes before Spark's jars rules archives out") {
  std::string why;
  auto command = direct();
  command.argv[2] = "/x/own.jar:" + command.argv[2];
  CHECK(!archive_for(command, dir / "agent.jar", "/cds", why));
  command.argv = {"java", "-Xshare:off", "-cp", dir / "spark/jars/*"};
  CHECK(!archive_for(command, dir / "agent.jar", "/cds", why));
}
