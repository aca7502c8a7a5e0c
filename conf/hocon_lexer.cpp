#include "conf/hocon_lexer.hpp"

#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/stringbuffer.h>

namespace hearth::conf {

namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

void check_text(std::string_view text, position where) {
  rapidjson::MemoryStream in{text.data(), text.size()};
  rapidjson::StringBuffer ignored;
  while (in.Tell() < text.size()) {
    auto begin = in.Tell();
    auto ok = rapidjson::UTF8<>::Validate(in, ignored);
    if (!ok || in.Tell() > text.size())
      fail_at(where, "this is not UTF-8");
    if (text[begin] == '\0')
      fail_at(where, "a NUL character is not allowed");
    ignored.Clear();
    if (text[begin] == '\n')
      where = {where.line + 1, 1};
    else
      ++where.column;
  }
}

// Unicode's spaces, which HOCON takes for white space.
constexpr std::string_view wide_spaces[]
  = {"\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
     "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85",
     "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89",
     "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
     "\xE2\x81\x9F", "\xE3\x80\x80", "\xEF\xBB\xBF"};

constexpr std::string_view reserved = "$\"{}[]:=,+#`^?!@*&\\";

/// Of all reserved characters, the plus of 1e+5 may stand outside quotes.
bool is_sign_of_exponent(std::string_view token) {
  return token.size() > 2 && token.back() == '+'
         && (token[token.size() - 2] == 'e' || token[token.size() - 2] == 'E')
         && token.find_first_not_of("-.0123456789") == token.size() - 2;
}

void append_utf8(std::string& out, char32_t c) {
  rapidjson::StringBuffer buffer;
  rapidjson::UTF8<>::Encode(buffer, c);
  out.append(buffer.GetString(), buffer.GetSize());
}

token::kind kind_of_sign(char c) {
  switch (c) {
    case '{':
      return token::kind::open_brace;
    case '}':
      return token::kind::close_brace;
    case '[':
      return token::kind::open_bracket;
    case ']':
      return token::kind::close_bracket;
    case ',':
      return token::kind::comma;
    case ':':
      return token::kind::colon;
    case '=':
      return token::kind::equals;
    case '\n':
      return token::kind::newline;
    default:
      return token::kind::end;
  }
}

} // namespace

std::string describe(const token& x) {
  switch (x.what) {
    case token::kind::end:
      return "end of text";
    case token::kind::newline:
      return "end of line";
    case token::kind::quoted:
      return '"' + x.text + '"';
    case token::kind::substitution:
      return (x.optional ? "${?" : "${") + x.text + "}";
    default:
      return '\'' + x.text + '\'';
  }
}

lexer::lexer(std::string_view text, position start)
  : text_(text), here_(start) {
  check_text(text_, start);
  next();
}

bool lexer::at(std::string_view what) const {
  return text_.compare(pos_, what.size(), what) == 0;
}

void lexer::advance(std::size_t bytes) {
  for (auto end = pos_ + bytes; pos_ < end; ++pos_) {
    if (text_[pos_] == '\n')
      here_ = {here_.line + 1, 1};
    else if (!is_continuation(text_[pos_]))
      ++here_.column;
  }
}

std::size_t lexer::space_length() const {
  switch (text_[pos_]) {
    case ' ':
    case '\t':
    case '\r':
    case '\f':
    case '\v':
      return 1;
    default:
      if (static_cast<unsigned char>(text_[pos_]) >= 0x80)
        for (auto space : wide_spaces)
          if (at(space))
            return space.size();
      return 0;
  }
}

void lexer::skip_space_and_comments() {
  while (pos_ < text_.size()) {
    if (auto n = space_length(); n > 0) {
      token_.space.append(text_, pos_, n);
      advance(n);
    } else if (at("#") || at("//")) {
      advance(std::min(text_.find('\n', pos_), text_.size()) - pos_);
    } else {
      return;
    }
  }
}

void lexer::next() {
  token_ = token{};
  skip_space_and_comments();
  token_.where = here_;
  if (pos_ == text_.size())
    return;
  if (auto kind = kind_of_sign(text_[pos_]); kind != token::kind::end) {
    token_.what = kind;
    token_.text = text_[pos_];
    advance(1);
  } else if (at("+=")) {
    token_.what = token::kind::plus_equals;
    token_.text = "+=";
    advance(2);
  } else if (at("\"\"\"")) {
    read_multi_line();
  } else if (at("\"")) {
    read_quoted();
  } else if (at("${")) {
    read_substitution();
  } else {
    read_unquoted();
  }
}

void lexer::skip_newlines() {
  while (token_.what == token::kind::newline)
    next();
}

void lexer::read_multi_line() {
  token_.what = token::kind::quoted;
  auto begin = pos_ + 3;
  auto end = text_.find("\"\"\"", begin);
  if (end == std::string_view::npos)
    fail_at(here_, "a string that begins with \"\"\" has no end");
  // Quotes right before the closing three belong to the string.
  while (end + 3 < text_.size() && text_[end + 3] == '"')
    ++end;
  token_.text = text_.substr(begin, end - begin);
  advance(end + 3 - pos_);
}

void lexer::read_quoted() {
  token_.what = token::kind::quoted;
  advance(1);
  while (true) {
    if (pos_ == text_.size() || text_[pos_] == '\n')
      fail_at(token_.where, "a string has no closing quote");
    auto c = text_[pos_];
    if (c == '"')
      break;
    if (c == '\\') {
      read_escape();
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20)
      fail_at(here_, "a control character in a quoted string needs an escape,"
                     " e.g. \\t");
    token_.text += c;
    advance(1);
  }
  advance(1);
}

char32_t lexer::read_hex() {
  char32_t result = 0;
  for (auto i = 0; i < 4; ++i) {
    auto c = pos_ < text_.size() ? text_[pos_] : '\0';
    auto digit = c >= '0' && c <= '9'   ? c - '0'
                 : c >= 'a' && c <= 'f' ? c - 'a' + 10
                 : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                        : -1;
    if (digit < 0)
      fail_at(here_, "\\u needs four hexadecimal digits");
    result = result * 16 + static_cast<char32_t>(digit);
    advance(1);
  }
  return result;
}

void lexer::read_escape() {
  constexpr std::string_view letters = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  auto where = here_;
  advance(1);
  if (at("u")) {
    advance(1);
    auto c = read_hex();
    if (c >= 0xd800 && c < 0xdc00 && at("\\u")) {
      advance(2);
      auto low = read_hex();
      if (low < 0xdc00 || low > 0xdfff)
        fail_at(where, "half of a surrogate pair stands alone");
      c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    if (c >= 0xd800 && c <= 0xdfff)
      fail_at(where, "half of a surrogate pair stands alone");
    append_utf8(token_.text, c);
    return;
  }
  auto i
    = pos_ < text_.size() ? letters.find(text_[pos_]) : std::string_view::npos;
  if (i == std::string_view::npos)
    fail_at(where, "a backslash in a quoted string needs one of \"\\/bfnrtu "
                   "after it; write \\\\ for the character itself");
  token_.text += meanings[i];
  advance(1);
}

void lexer::read_substitution() {
  token_.what = token::kind::substitution;
  advance(2);
  if (at("?")) {
    token_.optional = true;
    advance(1);
  }
  // A quoted piece of the path may hold a brace.
  auto quoted = false;
  auto begin = pos_;
  while (pos_ < text_.size() && text_[pos_] != '\n'
         && (quoted || text_[pos_] != '}')) {
    if (text_[pos_] == '\\' && quoted)
      advance(1);
    else if (text_[pos_] == '"')
      quoted = !quoted;
    if (pos_ < text_.size())
      advance(1);
  }
  if (pos_ >= text_.size() || text_[pos_] != '}')
    fail_at(token_.where, "a substitution has no closing '}'");
  token_.text = text_.substr(begin, pos_ - begin);
  advance(1);
}

void lexer::read_unquoted() {
  token_.what = token::kind::unquoted;
  auto begin = pos_;
  while (pos_ < text_.size()) {
    auto c = text_[pos_];
    if (c == '\n' || at("//") || space_length() > 0)
      break;
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      fail_at(here_, "a control character is not allowed outside quotes");
    if (reserved.find(c) != std::string_view::npos
        && !is_sign_of_exponent(text_.substr(begin, pos_ + 1 - begin)))
      break;
    advance(1);
  }
  if (pos_ == begin)
    fail_at(here_, std::string{"Reserved character '"} + text_[pos_]
                     + "' is not allowed outside quotes");
  token_.text = text_.substr(begin, pos_ - begin);
}

} // namespace hearth::conf
