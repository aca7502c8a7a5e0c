#include <filesystem>
#include <system_error>

#include "runtime/launch/spark_command.hpp"

namespace hearth::launch {

namespace {

namespace fs = std::filesystem;

/// Reads Scala's and Spark's version out of `spark-core_2.12-3.5.7.jar`.
bool read_versions(std::string_view file, spark_home& result) {
  constexpr std::string_view prefix = "spark-core_";
  constexpr std::string_view suffix = ".jar";
  if (!file.starts_with(prefix) || !file.ends_with(suffix))
    return false;
  file.remove_prefix(prefix.size());
  file.remove_suffix(suffix.size());
  auto dash = file.find('-');
  if (dash == std::string_view::npos || dash == 0 || dash + 1 == file.size()
      || file.find("-tests") != std::string_view::npos)
    return false;
  result.scala_version = file.substr(0, dash);
  result.version = file.substr(dash + 1);
  return true;
}

} // namespace

spark_home inspect_spark_home(const std::string& path) {
  if (path.empty())
    throw launch_error("no Spark: neither the setting for its home nor "
                       "SPARK_HOME is set");
  auto no_spark = [&](const std::string& why) {
    return launch_error("no Spark at " + path + ": " + why);
  };
  std::error_code ec;
  if (!fs::is_directory(path, ec))
    throw no_spark(ec && ec != std::errc::no_such_file_or_directory
                     ? ec.message()
                     : "there is no such directory");
  fs::directory_iterator jars{fs::path(path) / "jars", ec};
  if (ec)
    throw no_spark("its directory 'jars' cannot be read: " + ec.message());
  spark_home result{path, "", ""};
  for (const auto end = fs::directory_iterator{}; !ec && jars != end;
       jars.increment(ec))
    if (read_versions(jars->path().filename().native(), result))
      break;
  if (result.version.empty())
    throw no_spark("there is no spark-core_*.jar in its directory 'jars'");
  if (!fs::exists(fs::path(path) / "bin" / "spark-submit", ec))
    throw no_spark("there is no bin/spark-submit in it");
  return result;
}

} // namespace hearth::launch
