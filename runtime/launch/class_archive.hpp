/// Archives of loaded classes (AppCDS). A JVM that has one starts in half the
/// time. There is one archive for each combination of Spark, Java and agent.
#pragma once

#include <optional>
#include <string>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// The archive that fits a command.
struct class_archive {
  std::string file; ///< `FOLDER/DIGEST.jsa`
  std::string name; ///< of the Spark and Java, for people

  /// Whether it has been made.
  bool there() const;
};

/// The archive for a command, whether it has been made or not.
///
/// @param command   the command of a JVM, made by submit_commands
/// @param agent_jar the archive depends on its size and time
/// @returns nothing if this JVM cannot make an archive (it is older than 13, or
///          not HotSpot), and then `why` says so; nothing, too, if the command
///          has an archive already, or a class path of the user's in front
std::optional<class_archive> archive_for(const process_spec& command,
                                         const std::string& agent_jar,
                                         const std::string& folder,
                                         std::string& why);

/// The command that uses the archive. Folders on the class path are moved to
/// its end, since archives know only of jars. An archive that does not fit
/// costs time, and does no other harm.
process_spec with_archive(process_spec command, const class_archive& archive);

/// The command that makes the archive, at the lowest priority. When that JVM
/// has ended, the archive is the file `scratch`.
process_spec archiving(process_spec command, const std::string& scratch);

} // namespace hearth::launch
