/// The verbs of each noun; one file defines those of one noun.
#pragma once

#include <vector>

#include "cli/verb.hpp"

namespace hearth::cli {

std::vector<verb> context_verbs();
std::vector<verb> binary_verbs();
std::vector<verb> job_start_verbs(); ///< run, submit
std::vector<verb> job_verbs();       ///< of jobs that are there
std::vector<verb> data_verbs();
std::vector<verb> server_verbs();
std::vector<verb> shell_verbs(); ///< completion, man, help

} // namespace hearth::cli
