/// The manual page, made from the table of verbs.
#pragma once

#include <string>

namespace hearth::cli {

/// hearth(1) in roff.
std::string manual();

} // namespace hearth::cli
