#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "conf/hocon.hpp"
#include "conf/keys.hpp"
#include "conf/load.hpp"

using namespace hearth::conf;
using hearth::setting;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

struct fixture {
  fixture() {
    std::string name = (fs::temp_directory_path() / "hearth-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    file = (folder / "h.conf").string();
    ::unsetenv("SPARK_HOME");
  }

  ~fixture() {
    fs::remove_all(folder);
  }

  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  std::optional<loaded> run(std::vector<std::string> arguments) {
    std::vector<const char*> argv{"hearthd"};
    for (auto& x : arguments)
      argv.push_back(x.c_str());
    return load(static_cast<int>(argv.size()), argv.data(), out);
  }

  loaded run_file(const std::string& text, std::vector<std::string> more = {}) {
    std::ofstream{file} << text;
    more.insert(more.begin(), {"--config", file});
    return run(more).value();
  }

  /// The error, with the file's name as FILE.
  std::string error_of(const std::vector<std::string>& arguments) {
    try {
      run(arguments);
      return "no error";
    } catch (const config_error& x) {
      std::string what = x.what();
      if (auto i = what.find(file); i != std::string::npos)
        what.replace(i, file.size(), "FILE");
      return what;
    }
  }

  std::string error_of_file(const std::string& text) {
    std::ofstream{file} << text;
    return error_of({"--config", file});
  }

  std::string all(const settings& x) {
    std::string result;
    for (auto& key : keys())
      result += std::string{key.name} + " = " + key.get(x) + "\n";
    return result;
  }

  fs::path folder;
  std::string file;
  std::ostringstream out;
};

} // namespace

TEST_CASE_FIXTURE(fixture, "without arguments everything is the default") {
  auto got = run({}).value();
  CHECK(all(got.settings) == all(settings{}));
  CHECK(got.warnings.empty());
}

TEST_CASE_FIXTURE(fixture, "hearth.conf lists every key with its default") {
  auto got = run({"--config", HEARTH_CONF_FILE}).value();
  CHECK(all(got.settings) == all(settings{}));
  CHECK(got.warnings.empty());
  CHECK(got.settings.context_defaults.empty());
  CHECK(got.settings.start_contexts.empty());

  std::ostringstream text;
  text << std::ifstream{HEARTH_CONF_FILE}.rdbuf();
  std::set<std::string> listed;
  for (auto& [name, value] : to_settings(text.str()))
    listed.insert(name);
  std::set<std::string> expected{"spark.context-settings", "spark.contexts",
                                 "hearth.spark.homes"};
  for (auto& key : keys())
    expected.emplace(key.name);
  CHECK(listed == expected);
}

TEST_CASE_FIXTURE(fixture, "every key takes what it gives") {
  for (auto& key : keys()) {
    CAPTURE(key.name);
    settings x;
    CHECK(key.set(x, key.get(settings{})));
    CHECK(all(x) == all(settings{}));
  }
}

TEST_CASE_FIXTURE(fixture, "a file sets keys of all types") {
  auto got = run_file(R"(
    spark.master = "spark://host:7077"
    spark.jobserver { port = 0, context-init-timeout = 2 minutes }
    hearth {
      http.max-body-size = 10k
      store { url = "sqlite:/tmp/x.db", flush = always }
      log.level = debug
      contexts.environment = "AWS_*, COLOUR=a=b ,_X"
    }
  )")
               .settings;
  CHECK(got.spark.master == "spark://host:7077");
  CHECK(got.http.port == 0);
  CHECK(got.contexts.init_timeout == milliseconds{120'000});
  CHECK(got.http.max_body == 10'240);
  CHECK(got.store_url == "sqlite:/tmp/x.db");
  CHECK(got.flush == flush_policy::always);
  CHECK(got.log_level == "debug");
  CHECK(got.context_environment
        == std::vector<std::string>{"AWS_*", "COLOUR=a=b", "_X"});
}

TEST_CASE_FIXTURE(fixture, "the command line wins over the file") {
  auto got = run_file("spark.jobserver.port = 1\nhearth.data-dir = a",
                      {"--set", "hearth.data-dir=b=c", "--port", "3", "--set",
                       "spark.jobserver.port=2", "--set",
                       "spark.context-settings.\"a b\"=1"})
               .settings;
  CHECK(got.http.port == 3);
  CHECK(got.data_dir == "b=c");
  CHECK(got.context_defaults.at("a b") == "1");
}

TEST_CASE_FIXTURE(fixture, "contexts start in the order of the file") {
  auto got = run_file(R"(
    spark.contexts {
      zebra { num-cpu-cores = 2, spark.speculation = true
              spark.speculation.interval = 100ms }
      apple {}
      gone { x = 1 }
      "b c" { memory-per-node = 600m }
    }
    spark.contexts.zebra.num-cpu-cores = 4
    spark.contexts.gone = null
    spark.context-settings { num-cpu-cores = 1.50, l = [1, a], x = 1 }
    spark.context-settings.x = null
  )")
               .settings;
  REQUIRE(got.start_contexts.size() == 3);
  CHECK(got.start_contexts[0].first == "zebra");
  CHECK(got.start_contexts[0].second
        == settings_map{{"num-cpu-cores", setting::json("4")},
                        {"spark.speculation", setting::json("true")},
                        {"spark.speculation.interval", "100ms"}});
  CHECK(got.start_contexts[1].first == "apple");
  CHECK(got.start_contexts[1].second.empty());
  CHECK(got.start_contexts[2].first == "b c");
  CHECK(got.context_defaults
        == settings_map{{"l", setting::json(R"([1,"a"])")},
                        {"num-cpu-cores", setting::json("1.50")}});
}

TEST_CASE_FIXTURE(fixture, "Spark's home may come from the environment") {
  ::setenv("SPARK_HOME", "/opt/a", 1);
  CHECK(run({})->settings.spark.home == "/opt/a");
  CHECK(run_file("spark.home = /opt/b").settings.spark.home == "/opt/b");
  CHECK(run_file("spark.home = ${?SPARK_HOME}/x").settings.spark.home
        == "/opt/a/x");
  ::unsetenv("SPARK_HOME");
  CHECK(
    run_file("spark.home = x\nspark.home = ${?SPARK_HOME}").settings.spark.home
    == "x");
}

TEST_CASE_FIXTURE(fixture, "null puts a key back to its default") {
  CHECK(run_file("spark.jobserver.port = 1\nspark.jobserver.port = null")
          .settings.http.port
        == 8090);
}

TEST_CASE_FIXTURE(fixture, "keys of Spark Job Server are warnings, once") {
  auto got = run_file("akka { a = 1, b.c = 2 }\n"
                      "spark.jobserver.context-per-jvm = true\n"
                      "spark.jobserver.sqldao { x = 1\n y = 2 }\n"
                      "spark.executor.memory = 1g\n"
                      "my-jobs.own = 1\n"
                      "flyway.locations = x");
  REQUIRE(got.warnings.size() == 6);
  CHECK(got.warnings[0]
        == file + ":1: akka has no meaning here and is ignored");
  CHECK(got.warnings[1]
        == file
             + ":2: spark.jobserver.context-per-jvm has no meaning here and "
               "is ignored");
  CHECK(got.warnings[2].find("spark.jobserver.sqldao has")
        != std::string::npos);
  CHECK(got.warnings[3].find(":5: spark.executor.memory has")
        != std::string::npos);
  CHECK(got.warnings[4].find("my-jobs has") != std::string::npos);
  CHECK(got.warnings[5].find("flyway has") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a file as users of Spark Job Server have one") {
  auto got = run_file(R"(
# A configuration for a cluster
spark {
  master = "spark://127.0.0.1:7077"
  webUrlPort = 8080

  jobserver {
    port = 9090
    bind-address = "0.0.0.0"
    context-per-jvm = true
    context-init-timeout = 90 s
    context-deletion-timeout = 1 minute
    max-jobs-per-context = 16
    jobdao = spark.jobserver.io.JobSqlDAO
    sqldao {
      slick-driver = slick.driver.H2Driver
      rootdir = /tmp/spark-jobserver/sqldao/data
      jdbc {
        url = "jdbc:h2:file:/tmp/spark-jobserver/sqldao/data/h2-db"
        user = ""
      }
      dbcp { enabled = true, maxactive = 20 }
    }
    result-chunk-size = 1m
    of-some-later-version { x = 1 }
  }

  contexts {
    my-low-latency-context {
      num-cpu-cores = 1           # Number of cores to allocate.  Required.
      memory-per-node = 512m      # Executor memory per node, -Xmx style.
    }
    sql-context-1 {
      num-cpu-cores = 2
      memory-per-node = 600m
      context-factory = spark.jobserver.context.SessionContextFactory
    }
  }

  context-settings {
    num-cpu-cores = 2
    memory-per-node = 512m
    passthrough {
      es.nodes = "192.1.1.1"
      spark.speculation = true
      spark.speculation.interval = 100ms
    }
    hadoop { mapreduce.framework.name = "Foo" }
  }

  home = "/home/spark/spark"
}

spray.can.server { parsing.max-content-length = 250m }
akka { loglevel = INFO }
flyway.locations = "db/h2/migration"
)");
  auto& all = got.settings;
  CHECK(all.spark.master == "spark://127.0.0.1:7077");
  CHECK(all.spark.home == "/home/spark/spark");
  CHECK(all.http.port == 9090);
  CHECK(all.http.address == "0.0.0.0");
  CHECK(all.contexts.max_jobs == 16);
  CHECK(all.contexts.init_timeout == 90s);
  CHECK(all.contexts.deletion_timeout == 60s);
  REQUIRE(all.start_contexts.size() == 2);
  CHECK(all.start_contexts[0].first == "my-low-latency-context");
  CHECK(all.start_contexts[0].second.at("memory-per-node") == "512m");
  CHECK(all.start_contexts[1].second.at("context-factory")
        == "spark.jobserver.context.SessionContextFactory");
  CHECK(all.context_defaults.at("passthrough.es.nodes") == "192.1.1.1");
  CHECK(all.context_defaults.at("passthrough.spark.speculation")
        == setting::json("true"));
  CHECK(all.context_defaults.at("passthrough.spark.speculation.interval")
        == "100ms");
  CHECK(all.context_defaults.at("hadoop.mapreduce.framework.name") == "Foo");
  std::string warned;
  for (auto& x : got.warnings)
    warned += x + "\n";
  for (auto name :
       {"spark.webUrlPort", "spark.jobserver.context-per-jvm",
        "spark.jobserver.jobdao", "spark.jobserver.sqldao",
        "spark.jobserver.result-chunk-size",
        "spark.jobserver.of-some-later-version", "spray", "akka", "flyway"})
    CHECK_MESSAGE(warned.find(std::string{" "} + name) != std::string::npos,
                  name);
}

TEST_CASE_FIXTURE(fixture, "a wrong file is one line that says where") {
  struct row {
    const char* text;
    const char* expected;
  };
  for (auto& [text, expected] : {
         row{"\n\nspark.jobserver.prot = 1",
             "FILE:3: unknown key spark.jobserver.prot; did you mean "
             "spark.jobserver.port?"},
         row{"hearth {\n http.max-body = 1k }",
             "FILE:2: unknown key hearth.http.max-body; did you mean "
             "hearth.http.max-body-size?"},
         row{"hearth.heartbeat = 1s",
             "FILE:1: unknown key hearth.heartbeat; did you mean "
             "hearth.agent.heartbeat?"},
         row{"hearth.zzz = 1", "FILE:1: unknown key hearth.zzz"},
         row{"hearht.data-dir = x", "FILE:1: unknown key hearht.data-dir; did "
                                    "you mean hearth.data-dir?"},
         row{"spark.mastr = x", "FILE:1: unknown key spark.mastr; did you "
                                "mean spark.master?"},
         row{"a = 1\nspark.jobserver.port = 70000",
             "FILE:2: spark.jobserver.port must be a port from 0 to 65535, "
             "not '70000'"},
         row{"spark.jobserver.port = [1, x]",
             "FILE:1: spark.jobserver.port must be a port from 0 to 65535, "
             "not '[1,\"x\"]'"},
         row{"spark.jobserver.port = {}",
             "FILE:1: spark.jobserver.port must be a port from 0 to 65535, "
             "not '{}'"},
         row{"hearth.agent.heartbeat = 0",
             "FILE:1: hearth.agent.heartbeat must be a duration such as 500ms,"
             " 10s or 1 minute, at least a millisecond, not '0'"},
         row{"hearth.http.max-body-size = -1",
             "FILE:1: hearth.http.max-body-size must be a size such as 512k or"
             " 8MiB, at least one byte, not '-1'"},
         row{"hearth.store.flush = sometimes",
             "FILE:1: hearth.store.flush must be one of promised, always, "
             "never, not 'sometimes'"},
         row{"hearth.contexts.environment = \"A, 1B=secret,C=other\"",
             "FILE:1: hearth.contexts.environment must be names of environment "
             "variables, NAME, NAME* or NAME=VALUE, comma-separated, not 'A, "
             "1B=...,C=...'"},
         row{"hearth.contexts.environment = \"*\"",
             "FILE:1: hearth.contexts.environment must be names of environment "
             "variables, NAME, NAME* or NAME=VALUE, comma-separated, not '*'"},
         row{"hearth.data-dir = \"\"",
             "FILE:1: hearth.data-dir must be a text that is not empty, not "
             "''"},
         row{"hearth.http = 1", "FILE:1: hearth.http is a group of keys and "
                                "takes no value"},
         row{"spark.contexts = [a]",
             "FILE:1: spark.contexts must be an object, not '[\"a\"]'"},
         row{"spark.contexts.a = 1",
             "FILE:1: spark.contexts.a must be an object, not '1'"},
         row{"a = 1\nb { c", "FILE:2:6: Key 'c' may not be followed by token: "
                             "end of text"},
         row{"include \"x\"", "FILE:1:1: include is not supported; a key of "
                              "that name needs quotes"},
         row{"hearth.data-dir = ${HEARTH_SURELY_NOT_SET}",
             "FILE:1:19: Could not resolve substitution to a value: "
             "${HEARTH_SURELY_NOT_SET}"},
       }) {
    CAPTURE(text);
    CHECK(error_of_file(text) == expected);
  }
}

TEST_CASE_FIXTURE(fixture, "a password is not taken from the command line, nor "
                           "repeated") {
  for (std::string url : {"postgresql://me:secret@host/db",
                          "postgresql://host/db?user=me&password=secret"}) {
    auto error = error_of({"--set", "hearth.store.url=" + url});
    CHECK(error.find("hearth.store.password-file") != std::string::npos);
    CHECK(error.find("secret") == std::string::npos);
  }
  for (std::string url : {"postgresql://me@host:5432/db", "sqlite:a:b@c.db"})
    CHECK(error_of({"--set", "hearth.store.url=" + url}) == "no error");
}

TEST_CASE_FIXTURE(fixture, "a wrong command line is one line too") {
  CHECK(error_of({"--config", file})
        == "cannot read FILE: No such file or directory");
  CHECK(error_of({"--config", folder.string()})
        == "cannot read " + folder.string() + ": Is a directory");
  CHECK(error_of({"--set", "hearth.data-dir"})
        == "--set hearth.data-dir: write it as KEY=VALUE");
  CHECK(error_of({"--set", "hearth..x=1"}).find("--set hearth..x=1: 1:1: ")
        == 0);
  CHECK(error_of({"--set", "hearth.log.level=loud"})
        == "--set hearth.log.level=loud: hearth.log.level must be one of "
           "trace, debug, info, warn, error, critical, off, not 'loud'");
  CHECK(error_of({"--port", "x"})
        == "--port x: spark.jobserver.port must be a port from 0 to 65535, "
           "not 'x'");
  for (auto& arguments : std::vector<std::vector<std::string>>{
         {"--conf", file}, {"--nope"}, {"stray"}, {"--port"}, {"--config"}}) {
    auto what = error_of(arguments);
    CAPTURE(what);
    CHECK(what.find("(see --help)") != std::string::npos);
    CHECK(what.find('\n') == std::string::npos);
  }
}

TEST_CASE_FIXTURE(fixture, "an empty file sets nothing") {
  CHECK(all(run_file("").settings) == all(settings{}));
}

TEST_CASE_FIXTURE(fixture, "help and version are answered") {
  CHECK_FALSE(run({"--help"}).has_value());
  CHECK(out.str().find("--set KEY=VALUE") != std::string::npos);
  out.str("");
  CHECK_FALSE(run({"--version"}).has_value());
  CHECK(out.str() == "hearthd " HEARTH_VERSION "\n");
}
