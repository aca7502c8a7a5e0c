#include "runtime/launch/spark_command.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace hearth::launch {

namespace {

using namespace std::string_view_literals;

constexpr auto app_name_key = "spark.app.name";
constexpr auto master_key = "spark.master";

/// Settings under `spark.` that are for the server or the agent.
constexpr std::array own_keys{
  "spark.proxy.user"sv, "spark.session.hive.enabled"sv, "spark.version"sv};
constexpr std::array own_prefixes{"spark.jobserver."sv,
                                  "spark.context-settings."sv};

/// The settings that spark-submit and the driver's JVM need at their start, and
/// that Spark reads, too. With a keytab, spark-submit logs in.
constexpr std::array start_keys{"spark.master"sv,
                                "spark.driver.memory"sv,
                                "spark.driver.extraJavaOptions"sv,
                                "spark.driver.extraClassPath"sv,
                                "spark.driver.extraLibraryPath"sv,
                                "spark.driver.defaultJavaOptions"sv,
                                "spark.driver.userClassPathFirst"sv,
                                "spark.kerberos.keytab"sv,
                                "spark.kerberos.principal"sv,
                                "spark.yarn.keytab"sv,
                                "spark.yarn.principal"sv};

/// The settings that only spark-submit reads. It puts their jars on the class
/// path of the driver and gives Spark what it has found, so Spark must not get
/// them from the start file.
constexpr std::array submit_keys{
  "spark.jars"sv,          "spark.jars.packages"sv,
  "spark.jars.excludes"sv, "spark.jars.repositories"sv,
  "spark.jars.ivy"sv,      "spark.jars.ivySettings"sv,
  "spark.files"sv,         "spark.archives"sv};

/// The settings that Spark keeps in static members of its classes.
constexpr std::array jvm_wide_keys{
  "spark.hadoop.hadoop.security.authentication"sv,
  "spark.kerberos.keytab"sv,
  "spark.kerberos.principal"sv,
  "spark.yarn.keytab"sv,
  "spark.yarn.principal"sv,
  "spark.network.io.preferDirectBufs"sv,
  "spark.network.sharedByteBufAllocators.enabled"sv,
  "spark.sql.broadcastExchange.maxThreadThreshold"sv,
  "spark.sql.codegen.cache.maxEntries"sv,
  "spark.sql.defaultUrlStreamHandlerFactory.enabled"sv,
  "spark.sql.subquery.maxThreadThreshold"sv};

constexpr std::array count_keys{"spark.cores.max"sv, "spark.executor.cores"sv,
                                "spark.driver.cores"sv};

/// Words in names of settings whose values are secret, as Spark redacts them.
constexpr std::array secret_words{"secret"sv, "password"sv, "token"sv,
                                  "accesskey"sv, "access.key"sv};

template <class Range>
bool contains(const Range& range, std::string_view x) {
  return std::find(range.begin(), range.end(), x) != range.end();
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

bool is_secret(std::string_view key) {
  auto text = lower(key);
  return std::any_of(secret_words.begin(), secret_words.end(), [&](auto word) {
    return text.find(word) != std::string::npos;
  });
}

bool is_own(std::string_view key) {
  return contains(own_keys, key)
         || std::any_of(own_prefixes.begin(), own_prefixes.end(),
                        [&](auto x) { return key.starts_with(x); });
}

/// Splits "512m" into its digits, which must be a number above 0, and the rest.
bool split_number(std::string_view text, std::string_view& rest) {
  auto end = text.find_first_not_of("0123456789");
  auto digits = text.substr(0, end);
  rest = end == std::string_view::npos ? ""sv : text.substr(end);
  return digits.find_first_not_of('0') != std::string_view::npos
         && digits.size() <= 18;
}

bool is_count(std::string_view text) {
  std::string_view rest;
  return split_number(text, rest) && rest.empty() && text.size() <= 9;
}

/// Whether Spark reads the text as a size. Without a unit it is in MiB.
bool is_size(const std::string& text) {
  constexpr std::array units{""sv,  "b"sv,  "k"sv, "kb"sv, "m"sv, "mb"sv,
                             "g"sv, "gb"sv, "t"sv, "tb"sv, "p"sv, "pb"sv};
  auto small = lower(text);
  std::string_view unit;
  return split_number(small, unit) && contains(units, unit);
}

/// Whether a JVM accepts the text after -Xmx. There "512" would mean bytes, and
/// "512mb" would be an error.
bool is_jvm_size(const std::string& text) {
  constexpr std::array units{"k"sv, "m"sv, "g"sv, "t"sv};
  auto small = lower(text);
  std::string_view unit;
  return split_number(small, unit) && contains(units, unit);
}

[[noreturn]] void refuse(std::string_view setting, const std::string& value,
                         const char* right) {
  throw launch_error("setting " + std::string(setting) + " = '" + value
                     + "': must be " + right);
}

/// Whether a list has a URL with a user in it. Everybody on the machine can
/// read a command line.
bool has_user(std::string_view urls) {
  for (auto at = urls.find("://"); at != urls.npos; at = urls.find("://", at)) {
    at += 3;
    auto host = urls.substr(at, urls.find_first_of("/,", at) - at);
    if (host.find('@') != host.npos)
      return true;
  }
  return false;
}

void check_submit(std::string_view setting, std::string_view key,
                  const std::string& value) {
  if (key == "spark.submit.pyFiles" && !value.empty())
    refuse(setting, value,
           "left out: no job of a Spark context for Scala and Java reads it; "
           "wheels and eggs of a job are named in its cp");
  if (!contains(submit_keys, key))
    return;
  if (has_user(value))
    refuse(setting, "...",
           "URLs without user and password, for it becomes part of a command "
           "line; spark.jars.ivySettings names a file that may have them");
  if (value.starts_with('['))
    refuse(setting, value,
           "a list of texts without commas, or one text with commas between "
           "them");
}

/// @param setting the name that the user wrote
/// @param key     the name in the SparkConf
void check(std::string_view setting, std::string_view key,
           const std::string& value) {
  if (contains(count_keys, key) && !is_count(value))
    refuse(setting, value, "a whole number above 0, e.g. 2");
  if (key == "spark.executor.memory" && !is_size(value))
    refuse(setting, value, "a size, e.g. 512m or 2g");
  if (key == "spark.driver.memory" && !is_jvm_size(value))
    refuse(setting, value, "a number and k, m, g or t, e.g. 512m or 2g");
  if (key == "spark.submit.deployMode" && value != "client")
    refuse(setting, value,
           "client: the driver of a context runs beside the server");
  check_submit(setting, key, value);
  if (key == master_key && value.empty())
    refuse(setting, value, "the URL of a master, e.g. local[*]");
}

/// Returns the part of `key` after `prefix`; "" if `key` does not begin with
/// it.
std::string_view after(std::string_view key, std::string_view prefix) {
  return key.starts_with(prefix) ? key.substr(prefix.size()) : ""sv;
}

/// Whether spark-submit accepts the beginning of a master. The list is its own.
bool known_to_submit(std::string_view master) {
  constexpr std::array beginnings{"local", "spark", "yarn", "k8s", "mesos"};
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](auto x) { return master.rfind(x, 0) == 0; });
}

bool is_wildcard(std::string_view address) {
  return address == "0.0.0.0" || address == "::" || address == "[::]";
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1"
         || address == "localhost";
}

} // namespace

spark_settings sort_spark_settings(const settings_map& settings,
                                   const std::string& master,
                                   const std::string& app_name) {
  spark_settings result;
  text_map launcher;
  // Later steps win over earlier ones.
  auto& conf = result.spark_conf;
  conf = {{master_key, master},
          {app_name_key, app_name},
          // Several contexts share the machine: any free port.
          {"spark.ui.port", "0"}};
  auto put = [&](text_map& where, std::string_view name, std::string_view key,
                 const setting& value) {
    auto text = flat_text(value);
    check(name, key, text);
    where[std::string(key)] = std::move(text);
  };
  const std::array<std::pair<const char*, const char*>, 3> renamed{
    {{"memory-per-node", "spark.executor.memory"},
     {"mem-per-node", "spark.executor.memory"},
     {"num-cpu-cores", "spark.cores.max"}}};
  for (const auto& [name, key] : renamed)
    if (auto x = settings.find(name); x != settings.end())
      put(conf, name, key, x->second);
  for (const auto& [name, value] : settings)
    if (name.starts_with("spark.") && !is_own(name))
      put(conf, name, name, value);
  for (const auto& [name, value] : settings) {
    if (auto key = after(name, "passthrough."); !key.empty())
      put(conf, name, key, value);
    else if (key = after(name, "hadoop."); !key.empty())
      put(result.hadoop_conf, name, key, value);
    else if (key = after(name, "launcher."); !key.empty())
      put(is_secret(key) ? conf : launcher, name, key, value);
  }
  for (const auto& [key, value] : launcher)
    if (key == master_key)
      conf[key] = value;
  for (const auto& [key, value] : conf)
    if (contains(start_keys, key) || contains(submit_keys, key))
      result.submit_conf[key] = value;
  for (auto key : submit_keys)
    conf.erase(std::string(key));
  for (const auto& [key, value] : launcher)
    result.submit_conf[key] = value;
  check(master_key, master_key, conf[master_key]);
  return result;
}

bool is_static_free(const spark_settings& settings) {
  return std::none_of(
    jvm_wide_keys.begin(), jvm_wide_keys.end(),
    [&](auto key) { return settings.spark_conf.contains(std::string(key)); });
}

std::string listen_address(const spark_settings& settings,
                           const environment& inherited,
                           const std::string& agent_address) {
  constexpr auto key = "spark.driver.bindAddress";
  for (const auto* conf : {&settings.spark_conf, &settings.submit_conf})
    if (auto x = conf->find(key); x != conf->end())
      return is_wildcard(x->second) ? "" : x->second;
  if (auto x = inherited.find("SPARK_LOCAL_IP");
      x != inherited.end() && !x->second.empty())
    return {};
  auto master = settings.spark_conf.find(master_key);
  if (master != settings.spark_conf.end()
      && master->second.starts_with("local"))
    return "127.0.0.1";
  if (is_loopback(agent_address) || is_wildcard(agent_address))
    return {};
  return agent_address;
}

process_spec spark_command(const spark_home& spark,
                           const spark_settings& settings,
                           const std::string& agent_jar,
                           const std::string& start_file,
                           const std::string& context_dir) {
  process_spec result;
  auto& argv = result.argv;
  argv.push_back(spark.path + "/bin/spark-submit");
  for (const auto& [key, value] : settings.submit_conf) {
    // spark-submit does not name a master that it does not know in its error;
    // the SparkContext does.
    if (key == master_key && known_to_submit(value))
      argv.insert(argv.end(), {"--master", value});
    else if (key == master_key)
      continue;
    else if (key == "spark.driver.memory")
      argv.insert(argv.end(), {"--driver-memory", value});
    else
      argv.insert(argv.end(), {"--conf", key + "=" + value});
  }
  argv.insert(argv.end(), {"--deploy-mode", "client", "--class",
                           "hearth.agent.Main", agent_jar, start_file});
  // Spark's scripts would guess the Scala version.
  result.env = {{"SPARK_HOME", spark.path},
                {"SPARK_SCALA_VERSION", spark.scala_version}};
  result.working_dir = context_dir;
  result.log_file = context_dir + "/driver.log";
  return result;
}

} // namespace hearth::launch
