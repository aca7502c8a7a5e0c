/// Who asks, as the environment and the user's files say.
#pragma once

#include <string>

namespace hearth::cli {

struct credential_sources {
  std::string user = {};          ///< HEARTH_USER: name, or name:password
  std::string password_file = {}; ///< HEARTH_PASSWORD_FILE
  std::string file = {}; ///< of one line name:password; need not be there
};

/// `name:password`; "" if nothing says it. A file whose password others than
/// its owner may read is refused.
/// @throws file_error, usage_error
std::string find_credentials(const credential_sources& from);

} // namespace hearth::cli
