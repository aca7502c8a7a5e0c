/// Texts on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hearth::cli {

/// Columns that UTF-8 text takes on a terminal.
std::size_t columns(std::string_view text);

/// The text cut to `limit` columns, with an ellipsis where it was cut.
std::string cut(std::string_view text, std::size_t limit);

/// The text with control characters replaced, so that what a job or a user of
/// the server wrote cannot steer a terminal. Tabs stay, lines where `lines`.
std::string printable(std::string_view text, bool lines);

/// Bytes of the white space that the text begins with, as HOCON takes it:
/// Unicode's spaces, line ends and the mark of a file in UTF-8 are some.
std::size_t leading_space(std::string_view text);

/// The text in lines of at most `width` columns, each after `indent` blanks
/// but the first; ends without a line break.
std::string wrap(std::string_view text, std::size_t width, std::size_t indent);

} // namespace hearth::cli
