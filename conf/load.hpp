/// Reads the command line and the configuration file.
#pragma once

#include <iosfwd>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "conf/settings.hpp"

namespace hearth::conf {

/// A wrong key, type or value: one line that names file and line number, or
/// the option, and says what is right.
class config_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

struct loaded {
  conf::settings settings;
  std::vector<std::string> warnings; ///< keys of SJS without a meaning here
};

/// Settings from `--config FILE`, then `--set key=value`, then `--port N`;
/// later ones win.
/// @returns nothing if `--help` or `--version` was asked for and answered on
///          `out`
/// @throws config_error
std::optional<loaded> load(int argc, const char* const* argv,
                           std::ostream& out);

} // namespace hearth::conf
