/// Reads JSON texts into a tree; made for texts of the size of a job's
/// configuration. Internal to hearth/config.hpp.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::detail {

enum class json_kind : std::uint8_t {
  null,
  boolean,
  number,
  string,
  object,
  array
};

struct member;

struct node {
  json_kind kind = json_kind::object;
  std::string text; ///< a string without escapes; any other scalar as written
  /// The members of an object in their order, or the elements of an array with
  /// their indexes as keys.
  std::vector<member> members;
};

/// A struct of our own, because Clang 14 takes no pair with an incomplete type.
struct member {
  std::string key;
  node value;
};

/// Returns the member with that key, or null; the last one of several.
inline const node* child(const node& x, std::string_view key) {
  if (x.kind == json_kind::array) {
    // Elements are found by their place, not by a search.
    std::size_t index = 0;
    if (key.empty() || key.size() > 9)
      return nullptr;
    for (auto c : key) {
      if (c < '0' || c > '9')
        return nullptr;
      index = index * 10 + static_cast<std::size_t>(c - '0');
    }
    return index < x.members.size() ? &x.members[index].value : nullptr;
  }
  for (auto i = x.members.rbegin(); i != x.members.rend(); ++i)
    if (i->key == key)
      return &i->value;
  return nullptr;
}

/// Removes the first key from a dotted path and returns it.
inline std::string_view next_key(std::string_view& path) {
  auto quoted = path.front() == '"';
  auto end = quoted ? path.find('"', 1) : path.find('.');
  auto key = path.substr(quoted ? 1 : 0, quoted ? end - 1 : end);
  if (quoted && end != std::string_view::npos)
    end = path.find('.', end);
  path
    = end == std::string_view::npos ? std::string_view{} : path.substr(end + 1);
  return key;
}

inline std::string describe(const node& x) {
  constexpr std::size_t quoted = 60;
  switch (x.kind) {
    case json_kind::object:
      return "an object";
    case json_kind::array:
      return "an array";
    case json_kind::string:
      return '"' + x.text.substr(0, quoted) + '"';
    default:
      return x.text.substr(0, quoted);
  }
}

class json_parser {
public:
  explicit json_parser(std::string_view text) : text_(text) {
    // nop
  }

  node document() {
    auto result = value(0);
    blanks();
    if (at_ != text_.size())
      fail("bytes after the value");
    return result;
  }

private:
  /// The server's own bound on nesting is lower.
  static constexpr int max_depth = 512;

  [[noreturn]] void fail(const char* what) const {
    throw std::invalid_argument(std::string(what) + " at byte "
                                + std::to_string(at_));
  }

  void blanks() {
    while (at_ < text_.size()
           && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t'
               || text_[at_] == '\r'))
      ++at_;
  }

  char peek() {
    blanks();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void expect(char c) {
    if (peek() != c)
      fail("another character than expected");
    ++at_;
  }

  bool accept(char c) {
    if (peek() != c)
      return false;
    ++at_;
    return true;
  }

  node value(int depth) {
    if (depth > max_depth)
      fail("too deep a nesting");
    node result;
    switch (peek()) {
      case '{':
        members(result, depth);
        break;
      case '[':
        elements(result, depth);
        break;
      case '"':
        result.kind = json_kind::string;
        result.text = string();
        break;
      default:
        literal(result);
    }
    return result;
  }

  void members(node& result, int depth) {
    expect('{');
    if (accept('}'))
      return;
    do {
      peek();
      auto key = string();
      expect(':');
      result.members.push_back({std::move(key), value(depth + 1)});
    } while (accept(','));
    expect('}');
  }

  void elements(node& result, int depth) {
    result.kind = json_kind::array;
    expect('[');
    if (accept(']'))
      return;
    do
      result.members.push_back(
        {std::to_string(result.members.size()), value(depth + 1)});
    while (accept(','));
    expect(']');
  }

  void literal(node& result) {
    auto first = at_;
    while (
      at_ < text_.size()
      && (std::string_view("+-.").find(text_[at_]) != std::string_view::npos
          || (text_[at_] >= '0' && text_[at_] <= '9')
          || (text_[at_] >= 'a' && text_[at_] <= 'z') || text_[at_] == 'E'))
      ++at_;
    result.text = std::string(text_.substr(first, at_ - first));
    if (result.text == "null")
      result.kind = json_kind::null;
    else if (result.text == "true" || result.text == "false")
      result.kind = json_kind::boolean;
    else if (!result.text.empty()
             && (result.text[0] == '-'
                 || (result.text[0] >= '0' && result.text[0] <= '9')))
      result.kind = json_kind::number;
    else
      fail("no value");
  }

  std::string string() {
    if (at_ >= text_.size() || text_[at_] != '"')
      fail("no text");
    ++at_;
    std::string result;
    for (;;) {
      auto end = text_.find_first_of("\"\\", at_);
      if (end == std::string_view::npos)
        fail("a text without end");
      result.append(text_.substr(at_, end - at_));
      at_ = end + 1;
      if (text_[end] == '"')
        return result;
      escape(result);
    }
  }

  void escape(std::string& out) {
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view values = "\"\\/\b\f\n\r\t";
    if (at_ >= text_.size())
      fail("a text without end");
    auto c = text_[at_++];
    if (auto i = names.find(c); i != std::string_view::npos) {
      out += values[i];
      return;
    }
    if (c != 'u')
      fail("an unknown escape");
    auto code = hex();
    if (code >= 0xd800 && code < 0xe000) {
      // A character beyond 16 bits takes two of them, in this order.
      auto high = code;
      auto low = text_.substr(at_, 2) == "\\u" ? (at_ += 2, hex()) : 0;
      if (high >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
        fail("half a character");
      code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
    utf8(code, out);
  }

  std::uint32_t hex() {
    std::uint32_t result = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      auto c = at_ < text_.size() ? text_[at_] : '\0';
      auto low = static_cast<char>(c | 0x20);
      if (c >= '0' && c <= '9')
        result = result * 16 + static_cast<std::uint32_t>(c - '0');
      else if (low >= 'a' && low <= 'f')
        result = result * 16 + static_cast<std::uint32_t>(low - 'a' + 10);
      else
        fail("a wrong escape");
    }
    return result;
  }

  static void utf8(std::uint32_t code, std::string& out) {
    auto tail = [&](int shift) {
      out += static_cast<char>(0x80 | (code >> shift & 0x3f));
    };
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | code >> 6);
      tail(0);
    } else if (code < 0x10000) {
      out += static_cast<char>(0xe0 | code >> 12);
      tail(6);
      tail(0);
    } else {
      out += static_cast<char>(0xf0 | (code >> 18 & 7));
      tail(12);
      tail(6);
      tail(0);
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Parses a text.
/// @throws std::invalid_argument that says what is wrong and where
inline node parse_json(std::string_view text) {
  return json_parser(text).document();
}

} // namespace hearth::detail
