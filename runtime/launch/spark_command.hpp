/// Makes the command that starts a Spark driver with our agent in it, from the
/// settings of its context.
#pragma once

#include <map>
#include <string>

#include "base/setting.hpp"
#include "runtime/launch/environment.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

using text_map = std::map<std::string, std::string>;

/// A Spark distribution on this machine.
struct spark_home {
  std::string path;
  std::string version;       ///< e.g. "3.5.7"
  std::string scala_version; ///< e.g. "2.12"
};

/// Finds out the versions of a distribution, from its folder `jars`.
/// @throws launch_error that says what is missing
spark_home inspect_spark_home(const std::string& path);

/// The settings of a context, sorted by the way in which they reach Spark.
struct spark_settings {
  text_map spark_conf;  ///< for the SparkConf, with `spark.master`
  text_map hadoop_conf; ///< from `hadoop { … }`
  text_map submit_conf; ///< settings that are needed to start the JVM
};

/// Sorts settings. `num-cpu-cores` becomes `spark.cores.max`; `memory-per-node`
/// and `mem-per-node` become `spark.executor.memory`; `spark.*`,
/// `passthrough.*`, `hadoop.*` and `launcher.*` are kept. Settings that
/// spark-submit or the JVM need at their start, such as `spark.driver.memory`,
/// are in `submit_conf`, too; `spark.jars` and the others that only
/// spark-submit reads are only there.
/// @throws launch_error that names a setting whose value cannot be right
spark_settings sort_spark_settings(const settings_map& settings,
                                   const std::string& master,
                                   const std::string& app_name);

/// Whether a context with these settings can run in a JVM that had another
/// Spark context before. It cannot if a JVM reads one of these settings only
/// once.
bool is_static_free(const spark_settings& settings);

/// Returns the address that a driver has to listen on with all its ports. It
/// goes into SPARK_LOCAL_IP, which Spark's user interface, driver and block
/// manager obey. "" leaves the choice to Spark and to the variables that the
/// driver inherits.
///
/// - If the user has set `spark.driver.bindAddress` or SPARK_LOCAL_IP, that
///   counts.
/// - Otherwise a driver with a local master listens on 127.0.0.1, since nothing
///   outside of it has to connect.
/// - Otherwise executors have to reach the driver, so it listens on the address
///   of the agent port, if that is an address of a network.
std::string listen_address(const spark_settings& settings,
                           const environment& inherited,
                           const std::string& agent_address);

/// Returns the command line of a driver. It contains no secret: everything that
/// is not needed to start the JVM is in the start file.
process_spec spark_command(const spark_home& spark,
                           const spark_settings& settings,
                           const std::string& agent_jar,
                           const std::string& start_file,
                           const std::string& context_dir);

} // namespace hearth::launch
