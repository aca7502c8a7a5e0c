/// Finds the user's name and password in the environment and in files.
#pragma once

#include <string>

namespace hearth::cli {

struct credential_sources {
  std::string user = {};          ///< HEARTH_USER: name, or name:password
  std::string password_file = {}; ///< HEARTH_PASSWORD_FILE
  std::string file = {}; ///< path, one line name:password; need not exist
};

/// Returns `name:password`; "" if no source has them. A file that others than
/// its owner can read is refused.
/// @throws file_error, usage_error
std::string find_credentials(const credential_sources& from);

} // namespace hearth::cli
