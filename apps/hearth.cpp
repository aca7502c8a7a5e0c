// The command line: see 'hearth --help'.

#include <clocale>
#include <cstdlib>
#include <iostream>

#include "cli/progress.hpp"
#include "cli/run.hpp"

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

} // namespace

int main(int argc, char** argv) {
  // For the width of characters; everything else stays as it is.
  std::setlocale(LC_CTYPE, "");
  std::ios::sync_with_stdio(false);
  hearth::cli::surroundings env{std::cout, std::cerr, variable("HEARTH_URL"),
                                variable("HEARTH_USER"),
                                hearth::cli::terminal_width()};
  return static_cast<int>(hearth::cli::run({argv + 1, argv + argc}, env));
}
