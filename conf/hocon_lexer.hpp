/// Cuts a HOCON text into tokens. Internal to conf/.
#pragma once

#include <string>
#include <string_view>

#include "conf/hocon_text.hpp"

namespace hearth::conf {

struct token {
  enum class kind {
    end,
    newline,
    open_brace,
    close_brace,
    open_bracket,
    close_bracket,
    comma,
    colon,
    equals,
    plus_equals,
    quoted,       ///< `text` is the string itself
    unquoted,     ///< a run without white space
    substitution, ///< `text` is what stands between the braces
  };

  kind what = kind::end;
  std::string text;
  std::string space;     ///< white space before it, on the same line
  bool optional = false; ///< a substitution that was written as `${?...}`
  position where;
};

/// Returns the name of a token for errors, e.g. "'}'" or "end of text".
std::string describe(const token& x);

class lexer {
public:
  /// @throws parse_error if the text is not UTF-8 or holds a NUL
  explicit lexer(std::string_view text, position start = {1, 1});

  const token& current() const noexcept {
    return token_;
  }

  /// @throws parse_error
  void next();

  void skip_newlines();

private:
  bool at(std::string_view what) const;
  void advance(std::size_t bytes);
  std::size_t space_length() const;
  void skip_space_and_comments();
  void read_quoted();
  void read_multi_line();
  char32_t read_hex();
  void read_escape();
  void read_substitution();
  void read_unquoted();

  std::string_view text_;
  std::size_t pos_ = 0;
  position here_;
  token token_;
};

/// Reads the path that begins at the current token, up to the first token that
/// cannot belong to a path.
/// @throws parse_error
path read_path(lexer& in);

} // namespace hearth::conf
