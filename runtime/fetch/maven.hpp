/// Makes the project file and the command line with which Maven fetches an
/// artifact and everything that the artifact needs.
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

/// Reads `maven:group:artifact:version`.
/// @returns nothing if the text is not of that form
std::optional<maven_coordinate> parse_coordinate(std::string_view uri);

/// Returns the file of a project that depends on the artifact, but not on Spark
/// and Scala, of which every context has its own versions.
/// @param repositories URLs, comma-separated; "": those of Maven's settings
std::string maven_project(const maven_coordinate& x,
                          std::string_view repositories);

/// Returns the command that copies the artifact and everything that it needs
/// into a folder.
std::vector<std::string> maven_command(const std::string& program,
                                       const std::string& project,
                                       const std::string& folder);

} // namespace hearth
