#include <filesystem>
#include <regex>

#include "runtime/launch/spark_command.hpp"

namespace hearth::launch {

namespace fs = std::filesystem;

spark_home inspect_spark_home(const std::string& path) {
  if (path.empty())
    throw launch_error("there is no Spark: set spark.home in the configuration "
                       "file, or the environment variable SPARK_HOME");
  if (!fs::is_directory(path))
    throw launch_error("there is no Spark in " + path
                       + " (spark.home): no such folder");
  auto jars = fs::path{path} / "jars";
  if (!fs::exists(fs::path{path} / "bin" / "spark-submit")
      || !fs::is_directory(jars))
    throw launch_error("there is no Spark in " + path
                       + " (spark.home): bin/spark-submit and jars/ are not "
                         "both there");
  static const std::regex core{R"(spark-core_(2\.\d+)-(.+)\.jar)"};
  for (auto& entry : fs::directory_iterator{jars}) {
    std::smatch found;
    auto name = entry.path().filename().string();
    if (std::regex_match(name, found, core))
      return {path, found[2], found[1]};
  }
  throw launch_error("there is no Spark in " + path
                     + " (spark.home): jars/ holds no spark-core_2.1x jar");
}

} // namespace hearth::launch
