/// The program without its process: tests run it, too.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/credentials.hpp"
#include "cli/failure.hpp"

namespace hearth::cli {

/// What surrounds a run of the program.
struct surroundings {
  std::ostream& out;
  std::ostream& err;
  std::string server; ///< HEARTH_URL; "" for none
  credential_sources who;
  std::size_t width = 0; ///< columns of the terminal on `err`; 0: none
};

/// @param words of the command line behind the program's name
exit_code run(const std::vector<std::string>& words, const surroundings& env);

} // namespace hearth::cli
