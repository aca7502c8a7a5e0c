/// Prints histories of contexts and jobs.
#pragma once

#include <string>
#include <vector>

#include "cli/failure.hpp"
#include "cli/session.hpp"

namespace hearth::cli {

/// Prints the history that the server has at that path.
exit_code print_history(session& s, std::vector<std::string> path);

} // namespace hearth::cli
