/// Waiting for a job.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/session.hpp"

namespace hearth::cli {

struct waited {
  answer report;      ///< the last one
  bool ended = false; ///< false: the time was over first
};

/// Waits until a job has ended, for ever without a limit. On a terminal a line
/// shows how far it is.
/// @param watch shows changes of its state where there is no terminal, too
waited wait_for_job(session& s, const std::string& id,
                    std::optional<std::chrono::milliseconds> limit, bool watch);

/// Shows how a job ended: its result, or on stderr why there is none.
/// @param report an answer with `result`, and `status` unless it went well
exit_code finish(session& s, const std::string& id, const answer& report);

/// Whether a job in that state will not change any more.
bool is_final(std::string_view state) noexcept;

} // namespace hearth::cli
