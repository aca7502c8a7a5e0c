/// Logs, of contexts and jobs alike.
#pragma once

#include <string>
#include <vector>

#include "cli/session.hpp"
#include "cli/verb.hpp"

namespace hearth::cli {

/// Prints the log at that path as it comes.
/// @param follow goes on until the context or job ends
exit_code print_logs(session& s, std::vector<std::string> path, bool follow);

/// The option `--follow`.
option follow_option();

} // namespace hearth::cli
