#include "runtime/launch/spark_command.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>
#include <string_view>

namespace hearth::launch {

namespace {

/// What the driver's JVM has to know before it starts.
constexpr std::array jvm_keys{"spark.driver.memory",
                              "spark.driver.memoryOverhead",
                              "spark.driver.extraJavaOptions",
                              "spark.driver.defaultJavaOptions",
                              "spark.driver.extraClassPath",
                              "spark.driver.extraLibraryPath",
                              "spark.driver.userClassPathFirst"};

/// The same setting under its names in contexts and in Spark.
struct alias {
  const char* ours;
  const char* spark;
};

constexpr std::array aliases{
  alias{"num-cpu-cores", "spark.cores.max"},
  alias{"memory-per-node", "spark.executor.memory"},
  alias{"mem-per-node", "spark.executor.memory"},
};

/// Settings of ours whose names look like Spark's.
constexpr std::array ours{"spark.proxy.user", "spark.session.hive.enabled"};

[[noreturn]] void wrong(const std::string& key, const std::string& value,
                        const std::string& right) {
  throw launch_error("the setting " + key + " = " + value
                     + " makes no sense: " + right);
}

void check_cores(const std::string& key, const std::string& value) {
  int cores = 0;
  auto end = value.data() + value.size();
  auto [at, code] = std::from_chars(value.data(), end, cores);
  if (code != std::errc{} || at != end || cores < 1)
    wrong(key, value, "a number of cores from 1 up is right");
}

void check_memory(const std::string& key, const std::string& value) {
  static const std::regex form{R"(\d{1,9}([kmgtp]b?|b)?)",
                               std::regex::icase | std::regex::optimize};
  if (!std::regex_match(value, form))
    wrong(key, value, "a size such as 512m or 2g is right");
}

/// The rest of `key` behind `prefix`, if it begins with it.
bool cut_prefix(std::string_view key, std::string_view prefix,
                std::string& rest) {
  if (key.size() <= prefix.size() || key.substr(0, prefix.size()) != prefix)
    return false;
  rest = key.substr(prefix.size());
  return true;
}

template <class Names>
bool contains(const Names& names, std::string_view x) {
  return std::find(names.begin(), names.end(), x) != names.end();
}

} // namespace

spark_settings sort_spark_settings(const settings_map& settings,
                                   const std::string& master,
                                   const std::string& app_name) {
  spark_settings result;
  auto& conf = result.spark_conf;
  conf["spark.master"] = master;
  conf["spark.app.name"] = app_name;
  for (auto& [key, value] : settings) {
    auto known = std::find_if(aliases.begin(), aliases.end(),
                              [&](auto& x) { return key == x.ours; });
    std::string rest;
    if (known != aliases.end()) {
      conf[known->spark] = value;
      if (std::string_view{known->spark} == "spark.cores.max")
        check_cores(key, value);
      else
        check_memory(key, value);
    } else if (cut_prefix(key, "passthrough.", rest)) {
      conf[rest] = value;
    } else if (cut_prefix(key, "hadoop.", rest)) {
      result.hadoop_conf[rest] = value;
    } else if (cut_prefix(key, "launcher.", rest)) {
      result.submit_conf[rest] = value;
    }
  }
  // Spark's own names win over their aliases.
  for (auto& [key, value] : settings)
    if (key.rfind("spark.", 0) == 0 && !contains(ours, key))
      conf[key] = value;
  for (auto key : jvm_keys)
    if (auto i = conf.find(key); i != conf.end())
      result.submit_conf.insert(*i);
  for (auto& from : {&conf, &result.submit_conf})
    for (auto key : {"spark.driver.memory", "spark.executor.memory"})
      if (auto i = from->find(key); i != from->end())
        check_memory(key, i->second);
  return result;
}

process_spec spark_command(const spark_home& spark,
                           const spark_settings& settings,
                           const std::string& agent_jar,
                           const std::string& start_file,
                           const std::string& context_dir) {
  process_spec result;
  auto& argv = result.argv;
  argv = {spark.path + "/bin/spark-submit",
          "--master",
          settings.spark_conf.at("spark.master"),
          "--deploy-mode",
          "client",
          "--name",
          settings.spark_conf.at("spark.app.name")};
  for (auto& [key, value] : settings.submit_conf) {
    argv.emplace_back("--conf");
    argv.push_back(key + "=" + value);
  }
  argv.insert(argv.end(),
              {"--class", "hearth.agent.Main", agent_jar, start_file});
  result.env["SPARK_HOME"] = spark.path;
  result.working_dir = context_dir;
  result.log_file = context_dir + "/driver.log";
  return result;
}

} // namespace hearth::launch
