/// Recognises UTF-8, and makes texts acceptable to databases.
#pragma once

#include <string>
#include <string_view>

namespace hearth {

/// Whether all of it is valid UTF-8. A NUL is.
bool is_utf8(std::string_view text) noexcept;

/// Replaces each byte that is not part of valid UTF-8, and each NUL, by `?`.
void make_plain_utf8(std::string& text) noexcept;

} // namespace hearth
