/// The header Content-Type: what a body is, and how its text is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hearth::http {

/// The media type without its parameters, in lower case; "" if there is none.
std::string media_type(std::string_view content_type);

/// The value of its parameter `charset` in lower case; "" if there is none.
std::string charset_of(std::string_view content_type);

/// Whether text in that character set can be read as it is.
bool is_utf8(std::string_view charset) noexcept;

/// The text in UTF-8; nothing if the character set is not known.
std::optional<std::string> to_utf8(std::string_view text,
                                   std::string_view charset);

} // namespace hearth::http
