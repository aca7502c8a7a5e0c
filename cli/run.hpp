/// Runs the program `hearth`. It is apart from `main` so that tests can run it,
/// too.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/credentials.hpp"
#include "cli/failure.hpp"

namespace hearth::cli {

/// The output streams and the environment of a run.
struct surroundings {
  std::ostream& out;
  std::ostream& err;
  std::string server; ///< HEARTH_URL; "" for none
  credential_sources who;
  std::size_t width = 0; ///< columns of the terminal on `err`; 0: none
};

/// Runs one command.
/// @param words the command line behind the program's name
exit_code run(const std::vector<std::string>& words, const surroundings& env);

} // namespace hearth::cli
