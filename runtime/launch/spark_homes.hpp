/// Finds the Spark distribution that a context asks for.
#pragma once

#include <map>
#include <string>

#include "runtime/launch/spark_command.hpp"

namespace hearth::launch {

/// The setting with which a context chooses a Spark.
inline constexpr auto spark_version_key = "spark.version";

/// A context asked for a Spark that does not exist here.
class unknown_version : public launch_error {
public:
  using launch_error::launch_error;
};

/// Distributions are inspected at each request, so that one that is installed
/// or upgraded while the server runs is found.
class spark_homes {
public:
  /// @param named        paths of distributions by their names
  /// @param home         path of the one without a name; "" if there is none
  /// @param default_name one of the names; "" for `home`, or the newest one if
  ///                     `home` is "", too
  spark_homes(std::map<std::string, std::string> named, std::string home,
              std::string default_name);

  spark_homes() = default;

  /// Returns the distribution with that name, or else with exactly that
  /// version; for "", the default. The one without a name is found by its
  /// version, also without the last number (`4.1`).
  /// @throws unknown_version that lists all distributions
  /// @throws launch_error if the folder of the chosen one has no Spark
  spark_home find(const std::string& wanted) const;

private:
  spark_home default_one() const;

  std::map<std::string, std::string> named_;
  std::string home_;
  std::string default_name_;
};

} // namespace hearth::launch
