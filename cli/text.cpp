#include "cli/text.hpp"

#include <algorithm>
#include <cwchar>

namespace hearth::cli {

namespace {

/// Takes one code point off the front; bytes that are no UTF-8 count as one.
std::string_view take(std::string_view& text) noexcept {
  auto first = static_cast<unsigned char>(text.front());
  std::size_t n = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  std::size_t end = 1;
  while (end < n && end < text.size() && (text[end] & 0xC0) == 0x80)
    ++end;
  auto result = text.substr(0, end);
  text.remove_prefix(end);
  return result;
}

wchar_t code_point(std::string_view x) noexcept {
  auto first = static_cast<unsigned char>(x.front());
  if (x.size() == 1)
    return static_cast<wchar_t>(first);
  auto result = static_cast<wchar_t>(first & (0x7F >> x.size()));
  for (char c : x.substr(1))
    result = (result << 6) | (c & 0x3F);
  return result;
}

std::size_t width(std::string_view x) noexcept {
  auto n = wcwidth(code_point(x));
  return n < 0 ? 1 : static_cast<std::size_t>(n);
}

bool space(wchar_t c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || c == 0x1680
         || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029
         || c == 0x202F || c == 0x205F || c == 0x3000 || c == 0xFEFF;
}

bool control(wchar_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

} // namespace

std::size_t columns(std::string_view text) {
  std::size_t result = 0;
  while (!text.empty())
    result += width(take(text));
  return result;
}

std::string cut(std::string_view text, std::size_t limit) {
  if (columns(text) <= limit)
    return std::string{text};
  std::string result;
  for (std::size_t used = 0; !text.empty();) {
    auto x = take(text);
    used += width(x);
    if (used + 1 > limit)
      break;
    result += x;
  }
  return limit == 0 ? result : result + "…";
}

std::string printable(std::string_view text, bool lines) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    auto x = take(text);
    auto c = code_point(x);
    if (c == '\n' || c == '\r')
      result += lines && c == '\n' ? "\n" : lines ? "" : " ";
    else if (control(c) && c != '\t')
      result += '?';
    else
      result += x;
  }
  return result;
}

std::size_t leading_space(std::string_view text) {
  auto rest = text;
  while (!rest.empty()) {
    auto next = rest;
    if (!space(code_point(take(next))))
      break;
    rest = next;
  }
  return text.size() - rest.size();
}

std::string wrap(std::string_view text, std::size_t width, std::size_t indent) {
  std::string result;
  std::size_t used = indent;
  while (!text.empty()) {
    auto n = std::min(text.find(' '), text.size());
    auto word = text.substr(0, n);
    text.remove_prefix(std::min(n + 1, text.size()));
    auto size = columns(word);
    if (used > indent && used + 1 + size > width) {
      result += '\n' + std::string(indent, ' ');
      used = indent;
    } else if (used > indent) {
      result += ' ';
      ++used;
    }
    result += word;
    used += size;
  }
  return result;
}

} // namespace hearth::cli
