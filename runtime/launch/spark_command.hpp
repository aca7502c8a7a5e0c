/// How a Spark driver with our agent in it is started.
#pragma once

#include <map>
#include <string>

#include "runtime/launch/environment.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// Flat settings of a context: dotted path -> text.
using settings_map = std::map<std::string, std::string>;

/// A Spark distribution on this machine.
struct spark_home {
  std::string path;
  std::string version;       ///< e.g. "3.5.7"
  std::string scala_version; ///< e.g. "2.12"
};

/// Looks into `path`/jars. @throws launch_error that says what is missing
spark_home inspect_spark_home(const std::string& path);

/// The settings of a context, sorted by how they come to Spark.
struct spark_settings {
  settings_map spark_conf;  ///< for the SparkConf, `spark.master` included
  settings_map hadoop_conf; ///< from `hadoop { … }`
  settings_map submit_conf; ///< what has to be known before the JVM starts
};

/// Sorts settings: `num-cpu-cores` -> `spark.cores.max`, `memory-per-node` and
/// `mem-per-node` -> `spark.executor.memory`, `spark.*` and `passthrough.*` as
/// they are, `hadoop.*`, `launcher.*`; `spark.driver.*` that the JVM needs at
/// its start goes to `submit_conf` too.
/// @throws launch_error naming a setting whose value cannot be right
spark_settings sort_spark_settings(const settings_map& settings,
                                   const std::string& master,
                                   const std::string& app_name);

/// Whether a context with these settings can run in a JVM that had another
/// Spark context before. It cannot if one of them is a setting that a JVM reads
/// only once.
bool is_static_free(const spark_settings& settings);

/// The address that a driver has to listen on with all its ports: what goes
/// into SPARK_LOCAL_IP, which Spark's user interface, driver and block manager
/// obey. "" leaves it to Spark and to what the driver inherits.
///
/// - What the user says counts: `spark.driver.bindAddress`, or SPARK_LOCAL_IP.
/// - Else a driver with a local master listens on 127.0.0.1, since nothing
///   outside of it has to connect.
/// - Else executors have to reach it: it listens where the agent port does, if
///   that is an address of a network.
std::string listen_address(const spark_settings& settings,
                           const environment& inherited,
                           const std::string& agent_address);

/// The command line of a driver. It holds no secret: whatever the driver does
/// not have to know before its JVM starts is in the start file.
process_spec spark_command(const spark_home& spark,
                           const spark_settings& settings,
                           const std::string& agent_jar,
                           const std::string& start_file,
                           const std::string& context_dir);

} // namespace hearth::launch
