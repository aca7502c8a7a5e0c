/// Reads the header Content-Type, and converts texts to UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hearth::http {

/// Returns the media type without its parameters, in lower case; "" if there is
/// none.
std::string media_type(std::string_view content_type);

/// Returns the parameter `charset` in lower case; "" if there is none.
std::string charset_of(std::string_view content_type);

/// Whether text in that character set is UTF-8 already.
bool is_utf8(std::string_view charset) noexcept;

/// Converts a text to UTF-8.
/// @returns nothing if the character set is not known
std::optional<std::string> to_utf8(std::string_view text,
                                   std::string_view charset);

} // namespace hearth::http
