/// Reads the command line and the configuration file of hearthd into settings.
#pragma once

#include <iosfwd>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "conf/settings.hpp"

namespace hearth::conf {

/// A wrong key, type or value. `what()` is one line that names the file and the
/// line number, or the option, and says what would be right.
class config_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

struct loaded {
  conf::settings settings;
  /// One for each key of Spark Job Server that has no meaning here.
  std::vector<std::string> warnings;
};

/// Takes settings from `--config FILE`, then from `--set key=value`, then from
/// `--port N`; later ones win.
/// @returns nothing if `--help` or `--version` was given; the answer to it is
///          written to `out`
/// @throws config_error
std::optional<loaded> load(int argc, const char* const* argv,
                           std::ostream& out);

} // namespace hearth::conf
