/// Waits for the end of a job and shows it.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/session.hpp"

namespace hearth::cli {

struct waited {
  answer report;      ///< the last answer about the job
  bool ended = false; ///< false if the time was over first
};

/// Waits until a job has ended, without a limit if there is none. On a
/// terminal, a line shows its progress.
/// @param watch show changes of its state also if there is no terminal
waited wait_for_job(session& s, const std::string& id,
                    std::optional<std::chrono::milliseconds> limit, bool watch);

/// Shows how a job ended: its result, or on stderr why there is no result.
/// @param report an answer that has `result`, and `status` if the job failed
exit_code finish(session& s, const std::string& id, const answer& report);

/// Whether the state of a job can not change any more.
bool is_final(std::string_view state) noexcept;

} // namespace hearth::cli
