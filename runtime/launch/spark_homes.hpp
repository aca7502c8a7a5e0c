/// The Spark distributions that contexts may ask for.
#pragma once

#include <map>
#include <string>

#include "runtime/launch/spark_command.hpp"

namespace hearth::launch {

/// Setting of a context: which Spark it wants.
inline constexpr auto spark_version_key = "spark.version";

/// A context asked for a Spark that there is not.
class unknown_version : public launch_error {
public:
  using launch_error::launch_error;
};

/// Distributions are looked at whenever they are asked for: one that is
/// installed or upgraded while the server runs counts.
class spark_homes {
public:
  /// @param named        name -> path
  /// @param home         the one without a name; "" if there is none
  /// @param default_name one of the names, or "": `home`, else the newest
  spark_homes(std::map<std::string, std::string> named, std::string home,
              std::string default_name);

  spark_homes() = default;

  /// The distribution of that name, else of that exact version; the default
  /// for "". The one without a name goes by its version, also without the last
  /// number (`4.1`).
  /// @throws unknown_version that lists what there is
  /// @throws launch_error if the one that was meant is no Spark
  spark_home find(const std::string& wanted) const;

private:
  spark_home default_one() const;

  std::map<std::string, std::string> named_;
  std::string home_;
  std::string default_name_;
};

} // namespace hearth::launch
