/// Measures, cuts and wraps texts for a terminal, and makes them safe for it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hearth::cli {

/// Returns how many columns a UTF-8 text takes on a terminal.
std::size_t columns(std::string_view text);

/// Cuts a text to `limit` columns, and puts an ellipsis where it was cut.
std::string cut(std::string_view text, std::size_t limit);

/// Replaces control characters, so that texts of jobs and of other users cannot
/// control the terminal. Tabs are kept; line ends are kept if `lines` is true.
std::string printable(std::string_view text, bool lines);

/// Returns how many bytes of white space a text begins with. White space is
/// what HOCON takes for it, such as Unicode's spaces, line ends and the byte
/// order mark.
std::size_t leading_space(std::string_view text);

/// Breaks a text into lines of at most `width` columns. Each line but the first
/// begins with `indent` blanks. There is no line break at the end.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

} // namespace hearth::cli
