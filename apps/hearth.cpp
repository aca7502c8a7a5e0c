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

/// Returns the path of the file with the user's credentials, or "".
std::string credentials_file() {
  auto folder = variable("XDG_CONFIG_HOME");
  if (folder.empty() && !variable("HOME").empty())
    folder = variable("HOME") + "/.config";
  return folder.empty() ? folder : folder + "/hearth/credentials";
}

} // namespace

int main(int argc, char** argv) {
  // For the width of characters; everything else stays as it is.
  std::setlocale(LC_CTYPE, "");
  std::ios::sync_with_stdio(false);
  hearth::cli::surroundings env{std::cout,
                                std::cerr,
                                variable("HEARTH_URL"),
                                {variable("HEARTH_USER"),
                                 variable("HEARTH_PASSWORD_FILE"),
                                 credentials_file()},
                                hearth::cli::terminal_width()};
  return static_cast<int>(hearth::cli::run({argv + 1, argv + argc}, env));
}
