/// The actor that reads the logs of contexts, for clients.
#pragma once

#include <cstdint>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/messages.hpp"
#include "actors/protocol.hpp"

namespace hearth {

struct logs_state {
  static inline const char* name = "logs";

  std::string folder; ///< of contexts, each in a folder of its id
  millis since = 0;
};

/// Spawn it detached: it blocks on the disk.
/// @param folder where the folders of contexts are
logs_actor::behavior_type logs(logs_actor::stateful_pointer<logs_state> self,
                               std::string folder);

/// Gives the space of a log's older half back once it takes more than `max`
/// bytes of the disk. Offsets stay what they are, and who writes it does not
/// notice: what is gone reads as nothing. Where the file system cannot do that,
/// the log begins anew.
/// @returns whether it was that large
bool trim_log(const std::string& file, std::uint64_t max);

/// The last `lines` lines of a log, those of one job unless `job` is "", and
/// where to go on. Looks at the last 16 MiB at most. No file is an empty log.
log_block last_lines(const std::string& file, const std::string& job,
                     std::size_t lines);

/// Whole lines from that offset on, 256 KiB at most, filtered the same way. A
/// line longer than that comes in pieces. Begins anew with a file that has
/// become shorter.
log_block lines_from(const std::string& file, const std::string& job,
                     std::uint64_t offset);

} // namespace hearth
