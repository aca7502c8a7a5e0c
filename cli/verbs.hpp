/// The verbs of each noun. Each noun has a source of its own.
#pragma once

#include <vector>

#include "cli/verb.hpp"

namespace hearth::cli {

std::vector<verb> context_verbs();
std::vector<verb> binary_verbs();
std::vector<verb> job_start_verbs(); ///< run, submit
std::vector<verb> job_verbs();       ///< for jobs that exist
std::vector<verb> data_verbs();
std::vector<verb> server_verbs();
std::vector<verb> shell_verbs(); ///< completion, man, help

} // namespace hearth::cli
