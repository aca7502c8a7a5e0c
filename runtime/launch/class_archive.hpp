/// Names and uses archives of loaded classes (AppCDS), with which a JVM starts
/// in half the time. There is one archive for each combination of Spark, Java
/// and agent. `spark_drivers` decides when one is made.
#pragma once

#include <optional>
#include <string>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// The archive that fits a command.
struct class_archive {
  std::string file; ///< `FOLDER/DIGEST.jsa`
  std::string name; ///< of its Spark and Java, for people

  /// Whether the archive has been made.
  bool there() const;
};

/// Returns the archive for a command, whether or not it has been made.
///
/// @param command   the command of a JVM, made by submit_commands
/// @param agent_jar the archive depends on its size and time
/// @param reason    receives the reason if this JVM cannot make archives
/// @returns nothing if this JVM cannot make an archive, because it is older
///          than 13 or not HotSpot; nothing, too, if the command has an archive
///          already, or begins with a class path of the user's
std::optional<class_archive> archive_for(const process_spec& command,
                                         const std::string& agent_jar,
                                         const std::string& folder,
                                         std::string& reason);

/// Returns the command with the archive. Folders on the class path are moved to
/// its end, because archives cover only jars. An archive that does not fit
/// costs time, but does no other harm.
process_spec with_archive(process_spec command, const class_archive& archive);

/// Returns the command that makes the archive, at the lowest priority. When
/// that JVM has ended, the archive is the file `scratch`.
process_spec archiving(process_spec command, const std::string& scratch);

} // namespace hearth::launch
