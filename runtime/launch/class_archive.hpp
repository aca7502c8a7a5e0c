/// Archives of loaded classes (AppCDS), with which a JVM starts in half the
/// time. One for each Spark, Java and agent.
#pragma once

#include <optional>
#include <string>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// Where the archive for a command belongs, and how it is made.
struct class_archive {
  std::string file; ///< `FOLDER/DIGEST.jsa`
  std::string name; ///< of the Spark and Java, for people

  /// @returns whether it has been made
  bool there() const;
};

/// @param command a JVM's, made by submit_commands
/// @param agent_jar is part of what the archive depends on
/// @returns nothing if this JVM cannot make one (older than 13; known of
///          HotSpot alone), `why` says so; or if the command has a class path
///          or an archive of its own
std::optional<class_archive> archive_for(const process_spec& command,
                                         const std::string& agent_jar,
                                         const std::string& folder,
                                         std::string& why);

/// The command with the archive in use. Folders on the class path go to its
/// end, for archives know only of jars. A misfit costs time, nothing else.
process_spec with_archive(process_spec command, const class_archive& archive);

/// The command with which the archive is made: at the JVM's end it lies in
/// `scratch`. At the lowest priority.
process_spec archiving(process_spec command, const std::string& scratch);

} // namespace hearth::launch
