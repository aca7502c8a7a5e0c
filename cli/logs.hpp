/// Prints logs of contexts and jobs.
#pragma once

#include <string>
#include <vector>

#include "cli/session.hpp"
#include "cli/verb.hpp"

namespace hearth::cli {

/// Prints the log that the server has at that path, while it arrives.
/// @param follow go on until the context or job ends
exit_code print_logs(session& s, std::vector<std::string> path, bool follow);

/// Returns the option `--follow`.
option follow_option();

} // namespace hearth::cli
