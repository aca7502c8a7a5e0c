/// Makes texts acceptable to databases.
#pragma once

#include <string>

namespace hearth {

/// Replaces each byte that is not part of valid UTF-8, and each NUL, by `?`.
void make_plain_utf8(std::string& text) noexcept;

} // namespace hearth
