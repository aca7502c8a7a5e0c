#include <algorithm>
#include <future>

#include <doctest/doctest.h>

#include "runtime/launch/posix_launcher.hpp"
#include "runtime/launch/spark_command.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;
using namespace hearth::launch;

namespace {

spark_settings sorted(const settings_map& settings) {
  return sort_spark_settings(settings, "local[2]", "ctx");
}

bool contains(const std::vector<std::string>& where, const std::string& text) {
  return std::any_of(where.begin(), where.end(), [&](const auto& x) {
    return x.find(text) != std::string::npos;
  });
}

} // namespace

TEST_CASE("a Spark home tells its versions") {
  temp_dir dir;
  dir.write("bin/spark-submit", "");
  dir.write("jars/aa.jar", "");
  dir.write("jars/spark-core_2.13-4.1.1.jar", "");
  auto x = inspect_spark_home(dir.path);
  CHECK(x.path == dir.path);
  CHECK(x.version == "4.1.1");
  CHECK(x.scala_version == "2.13");
}

TEST_CASE("what a Spark home lacks is said") {
  auto fails = [](const std::string& path, const std::string& message) {
    CHECK_THROWS_WITH_AS(inspect_spark_home(path), message.c_str(),
                         launch_error);
  };
  temp_dir dir;
  auto at = "no Spark at " + dir.path;
  fails("", "no Spark: neither the setting for its home nor SPARK_HOME is set");
  fails(dir / "none",
        "no Spark at " + dir / "none" + ": there is no such directory");
  fails(dir.path, at
                    + ": its directory 'jars' cannot be read: No such file or "
                      "directory");
  for (const auto* jar : {"spark-sql_2.12-3.5.7.jar", "spark-core.jar",
                          "spark-core_2.12-3.5.7-tests.jar"})
    dir.write(std::string("jars/") + jar, "");
  fails(dir.path,
        at + ": there is no spark-core_*.jar in its directory 'jars'");
  dir.write("jars/spark-core_2.12-3.5.7.jar", "");
  fails(dir.path, at + ": there is no bin/spark-submit in it");
}

TEST_CASE("a context without settings gets master, name and any UI port") {
  auto x = sorted({});
  CHECK(x.spark_conf
        == text_map{{"spark.app.name", "ctx"},
                    {"spark.master", "local[2]"},
                    {"spark.ui.port", "0"}});
  CHECK(x.hadoop_conf.empty());
  CHECK(x.submit_conf == text_map{{"spark.master", "local[2]"}});
}

TEST_CASE("texts reach Spark as they are, and lists as Spark reads them") {
  auto x = sorted({
    {"spark.a", R"([{"$match": 1}])"},
    {"spark.b", "[::1]"},
    {"spark.c", setting::json(R"(["x","y z"])")},
    {"spark.d", setting::json(R"(["x,y","z"])")},
    {"spark.e", setting::json("1.10")},
    {"hadoop.f", setting::json(R"(["x","y"])")},
    {"num-cpu-cores", setting::json("2")},
  });
  CHECK(x.spark_conf.at("spark.a") == R"([{"$match": 1}])");
  CHECK(x.spark_conf.at("spark.b") == "[::1]");
  CHECK(x.spark_conf.at("spark.c") == "x,y z");
  CHECK(x.spark_conf.at("spark.d") == R"(["x,y","z"])");
  CHECK(x.spark_conf.at("spark.e") == "1.10");
  CHECK(x.spark_conf.at("spark.cores.max") == "2");
  CHECK(x.hadoop_conf.at("f") == "x,y");
}

TEST_CASE("each setting goes where Spark expects it") {
  auto x = sorted({
    {"num-cpu-cores", "2"},
    {"memory-per-node", "512m"},
    {"spark.speculation", "true"},
    {"spark.app.name", "mine"},
    {"spark.ui.port", "4040"},
    {"spark.ssl.keyPassword", "hush"},
    {"passthrough.spark.x", "1"},
    {"passthrough.other.y", "2"},
    {"hadoop.fs.defaultFS", "hdfs://h"},
    {"launcher.spark.driver.memory", "1g"},
    {"launcher.spark.jars.packages", "a:b:1"},
    {"spark.driver.extraJavaOptions", "-Da=b"},
  });
  CHECK(x.spark_conf
        == text_map{{"other.y", "2"},
                    {"spark.app.name", "mine"},
                    {"spark.cores.max", "2"},
                    {"spark.driver.extraJavaOptions", "-Da=b"},
                    {"spark.executor.memory", "512m"},
                    {"spark.master", "local[2]"},
                    {"spark.speculation", "true"},
                    {"spark.ssl.keyPassword", "hush"},
                    {"spark.ui.port", "4040"},
                    {"spark.x", "1"}});
  CHECK(x.hadoop_conf == text_map{{"fs.defaultFS", "hdfs://h"}});
  CHECK(x.submit_conf
        == text_map{{"spark.driver.extraJavaOptions", "-Da=b"},
                    {"spark.driver.memory", "1g"},
                    {"spark.jars.packages", "a:b:1"},
                    {"spark.master", "local[2]"}});
}

TEST_CASE("what only spark-submit reads goes to it, and nowhere else") {
  auto none = sorted({});
  for (std::string key :
       {"spark.jars", "spark.jars.packages", "spark.jars.excludes",
        "spark.jars.repositories", "spark.jars.ivy", "spark.jars.ivySettings",
        "spark.files", "spark.archives"})
    for (std::string prefix : {"", "passthrough.", "launcher."}) {
      auto x = sorted({{prefix + key, setting::json(R"(["/a b.x","h://c"])")}});
      CAPTURE(key);
      CAPTURE(prefix);
      CHECK(x.submit_conf.at(key) == "/a b.x,h://c");
      CHECK(x.spark_conf == none.spark_conf);
    }
}

TEST_CASE("what spark-submit and Spark both read goes to both") {
  for (std::string key :
       {"spark.driver.extraClassPath", "spark.driver.userClassPathFirst",
        "spark.kerberos.keytab", "spark.kerberos.principal",
        "spark.yarn.keytab", "spark.yarn.principal"})
    for (std::string prefix : {"", "passthrough."}) {
      auto x = sorted({{prefix + key, "/x"}});
      CAPTURE(key);
      CHECK(x.submit_conf.at(key) == "/x");
      CHECK(x.spark_conf.at(key) == "/x");
    }
  CHECK_FALSE(is_static_free(sorted({{"spark.yarn.keytab", "/x"}})));
}

TEST_CASE("what spark-submit could not read is refused with what to say") {
  auto refusal_of = [](const settings_map& settings) {
    try {
      sorted(settings);
    } catch (const launch_error& e) {
      return std::string{e.what()};
    }
    return std::string{};
  };
  CHECK(
    refusal_of({{"spark.submit.pyFiles", "a.zip"}})
    == "setting spark.submit.pyFiles = 'a.zip': must be left out: no job of "
       "a Spark context for Scala and Java reads it; wheels and eggs of a "
       "job are named in its cp");
  CHECK(refusal_of({{"spark.submit.pyFiles", ""}}) == "");
  CHECK(refusal_of({{"spark.jars", setting::json(R"(["a,b"])")}})
        == "setting spark.jars = '[\"a,b\"]': must be a list of texts without "
           "commas, or one text with commas between them");
  auto secret
    = refusal_of({{"spark.jars.repositories", "http://a/x@y,https://u:p@h/x"}});
  CHECK(secret.find("must be URLs without user and password")
        != std::string::npos);
  CHECK(secret.find("u:p") == std::string::npos);
  CHECK(refusal_of({{"spark.jars.repositories", "http://a/x@y"}}) == "");
}

TEST_CASE("the server's and the agent's own settings are not Spark's") {
  auto none = sorted({});
  auto x = sorted({{"context-factory", "a.B"},
                   {"dependent-jar-uris", "x"},
                   {"cp", "y"},
                   {"max-jobs-per-context", "4"},
                   {"context-init-timeout", "60"},
                   {"stop-context-on-job-error", "true"},
                   {"streaming.batch_interval", "1000"},
                   {"python.executable", "python3"},
                   {"spark.proxy.user", "alice"},
                   {"spark.version", "4.1"},
                   {"spark.session.hive.enabled", "true"},
                   {"spark.jobserver.port", "8090"},
                   {"my.own", "thing"}});
  CHECK(x.spark_conf == none.spark_conf);
  CHECK(x.hadoop_conf == none.hadoop_conf);
  CHECK(x.submit_conf == none.submit_conf);
}

TEST_CASE("the more particular setting wins") {
  auto x = sorted({{"num-cpu-cores", "2"},
                   {"spark.cores.max", "3"},
                   {"mem-per-node", "1g"},
                   {"memory-per-node", "2g"},
                   {"spark.master", "spark://m:7077"},
                   {"spark.x", "plain"},
                   {"passthrough.spark.x", "passed"},
                   {"spark.driver.memory", "1g"},
                   {"launcher.spark.driver.memory", "2g"}});
  CHECK(x.spark_conf["spark.cores.max"] == "3");
  CHECK(x.spark_conf["spark.executor.memory"] == "1g");
  CHECK(x.spark_conf["spark.master"] == "spark://m:7077");
  CHECK(x.submit_conf["spark.master"] == "spark://m:7077");
  CHECK(x.spark_conf["spark.x"] == "passed");
  CHECK(x.submit_conf["spark.driver.memory"] == "2g");
  auto y = sorted({{"launcher.spark.master", "yarn"}});
  CHECK(y.spark_conf["spark.master"] == "yarn");
  CHECK(y.submit_conf["spark.master"] == "yarn");
}

TEST_CASE("a secret among launcher settings stays off the command line") {
  auto x = sorted({{"launcher.spark.my.Password", "hush"},
                   {"launcher.spark.oauthToken", "hush"}});
  CHECK(x.submit_conf.size() == 1);
  CHECK(x.spark_conf["spark.my.Password"] == "hush");
  CHECK(x.spark_conf["spark.oauthToken"] == "hush");
}

TEST_CASE("values that can be right are taken") {
  for (const std::string size : {"512", "512m", "512M", "2g", "1GB", "1tb"})
    CHECK(sorted({{"mem-per-node", size}}).spark_conf["spark.executor.memory"]
          == size);
  for (const std::string size : {"512m", "2G", "1024k"})
    CHECK(
      sorted({{"spark.driver.memory", size}}).submit_conf["spark.driver.memory"]
      == size);
  CHECK_NOTHROW(sorted({{"spark.submit.deployMode", "client"}}));
}

TEST_CASE("a value that cannot be right is refused by its setting's name") {
  auto fails = [](const std::string& setting, const std::string& value,
                  const std::string& right) {
    auto message
      = "setting " + setting + " = '" + value + "': must be " + right;
    CHECK_THROWS_WITH_AS(sorted({{setting, value}}), message.c_str(),
                         launch_error);
  };
  for (const auto* value : {"", "0", "-1", "two", "2.5", "2 ", "12345678901"})
    fails("num-cpu-cores", value, "a whole number above 0, e.g. 2");
  fails("spark.cores.max", "x", "a whole number above 0, e.g. 2");
  fails("passthrough.spark.executor.cores", "0",
        "a whole number above 0, e.g. 2");
  for (const auto* value : {"", "m", "0m", "-1g", "1x", "1 g", "1.5g", "lots"})
    fails("mem-per-node", value, "a size, e.g. 512m or 2g");
  fails("memory-per-node", "1gg", "a size, e.g. 512m or 2g");
  fails("spark.executor.memory", "1gg", "a size, e.g. 512m or 2g");
  for (const auto* value : {"512", "512mb", "g"})
    fails("launcher.spark.driver.memory", value,
          "a number and k, m, g or t, e.g. 512m or 2g");
  fails("spark.submit.deployMode", "cluster",
        "client: the driver of a context runs beside the server");
  fails("spark.master", "", "the URL of a master, e.g. local[*]");
}

TEST_CASE("a driver is started by spark-submit, without what is secret") {
  auto settings = sorted({{"spark.ssl.keyPassword", "hush"},
                          {"hadoop.fs.s3a.secret.key", "hush"},
                          {"spark.driver.memory", "1g"},
                          {"spark.driver.extraClassPath", "/x y"}});
  auto x = spark_command({"/spark", "3.5.7", "2.12"}, settings, "/agent.jar",
                         "/ctx/start.json", "/ctx");
  CHECK(x.argv
        == std::vector<std::string>{
          "/spark/bin/spark-submit", "--conf",
          "spark.driver.extraClassPath=/x y", "--driver-memory", "1g",
          "--master", "local[2]", "--deploy-mode", "client", "--class",
          "hearth.agent.Main", "/agent.jar", "/ctx/start.json"});
  CHECK_FALSE(contains(x.argv, "hush"));
  CHECK(x.env
        == std::map<std::string, std::string>{{"SPARK_HOME", "/spark"},
                                              {"SPARK_SCALA_VERSION", "2.12"}});
  CHECK(x.working_dir == "/ctx");
  CHECK(x.log_file == "/ctx/driver.log");
}

TEST_CASE("a master that spark-submit does not know is left to the context") {
  auto argv = [](const std::string& master) {
    return spark_command({"/spark", "3.5.7", "2.12"},
                         sort_spark_settings({}, master, "ctx"), "/a.jar",
                         "/start.json", "/ctx")
      .argv;
  };
  auto known = argv("spark://h:7077");
  CHECK(std::find(known.begin(), known.end(), "spark://h:7077") != known.end());
  auto unknown = argv("nonsense");
  CHECK(std::find(unknown.begin(), unknown.end(), "--master") == unknown.end());
}

TEST_CASE("the process that is started becomes the driver itself") {
  const auto* home = std::getenv("SPARK_HOME");
  if (!home) {
    MESSAGE("skipped: SPARK_HOME is not set");
    return;
  }
  temp_dir dir;
  auto spec = spark_command(inspect_spark_home(home), sorted({}),
                            dir / "no.jar", "start.json", dir.path);
  posix_launcher launcher;
  std::promise<process_exit> end;
  // Spark's own failure about the jar shows that the JVM was reached; that
  // the exit is its, that no process was left between.
  auto process
    = launcher.start(spec, [&](const process_exit& x) { end.set_value(x); });
  auto future = end.get_future();
  REQUIRE(future.wait_for(std::chrono::seconds(60))
          == std::future_status::ready);
  CHECK(future.get().code != 0);
  CHECK(tail(dir / "driver.log", 64 * 1024).find("hearth.agent.Main")
        != std::string::npos);
  launcher.forget(process);
}

TEST_CASE("a driver listens where the user or its master says") {
  auto address
    = [](const settings_map& settings, const std::string& master,
         const environment& env = {}, const std::string& agent = "127.0.0.1") {
        return listen_address(sort_spark_settings(settings, master, "ctx"), env,
                              agent);
      };
  for (const auto* local :
       {"local", "local[*]", "local[2,3]", "local-cluster[1,1,1024]"})
    CHECK(address({}, local) == "127.0.0.1");
  CHECK(address({{"spark.master", "local[1]"}}, "yarn") == "127.0.0.1");
  CHECK(address({}, "local[*]", {}, "10.0.0.5") == "127.0.0.1");
  // Executors have to reach it.
  CHECK(address({}, "spark://m:7077") == "");
  CHECK(address({}, "spark://m:7077", {}, "10.0.0.5") == "10.0.0.5");
  CHECK(address({}, "yarn", {}, "0.0.0.0") == "");
  // What the user says counts.
  CHECK(address({}, "local[*]", {{"SPARK_LOCAL_IP", "10.0.0.6"}}) == "");
  CHECK(address({}, "yarn", {{"SPARK_LOCAL_IP", "10.0.0.6"}}, "10.0.0.5")
        == "");
  for (const auto* key :
       {"spark.driver.bindAddress", "passthrough.spark.driver.bindAddress",
        "launcher.spark.driver.bindAddress"}) {
    CHECK(
      address({{key, "10.0.0.7"}}, "local[*]", {{"SPARK_LOCAL_IP", "10.0.0.6"}})
      == "10.0.0.7");
    CHECK(address({{key, "0.0.0.0"}}, "local[*]") == "");
  }
}
