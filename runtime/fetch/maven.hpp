/// The project file and the command line with which Maven fetches an artifact
/// and everything that the artifact needs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

struct maven_coordinate {
  std::string group;
  std::string artifact;
  std::string version;
};

/// Reads `maven:group:artifact:version`. @returns nothing if it is not one
std::optional<maven_coordinate> parse_coordinate(std::string_view uri);

/// A project that depends on the artifact, without Spark and Scala, which every
/// context has in its own versions.
/// @param repositories URLs, comma-separated; "": those of Maven's settings
std::string maven_project(const maven_coordinate& x,
                          std::string_view repositories);

/// The command that copies the artifact and what it needs into a folder.
std::vector<std::string> maven_command(const std::string& program,
                                       const std::string& project,
                                       const std::string& folder);

} // namespace hearth
