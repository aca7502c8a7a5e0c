/// Makes the manual page from the table of verbs.
#pragma once

#include <string>

namespace hearth::cli {

/// Returns hearth(1) in roff.
std::string manual();

} // namespace hearth::cli
