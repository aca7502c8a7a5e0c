#include "http/core/media.hpp"

#include <algorithm>

namespace hearth::http {

namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

std::string_view trim(std::string_view text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

} // namespace

std::string media_type(std::string_view content_type) {
  return lower(trim(content_type.substr(0, content_type.find(';'))));
}

std::string charset_of(std::string_view content_type) {
  constexpr std::string_view name = "charset=";
  auto rest = content_type;
  while (!rest.empty()) {
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
    auto item = trim(rest.substr(0, rest.find(';')));
    if (lower(item.substr(0, name.size())) != name)
      continue;
    item = trim(item.substr(name.size()));
    if (item.size() >= 2 && item.front() == '"' && item.back() == '"')
      item = item.substr(1, item.size() - 2);
    return lower(item);
  }
  return {};
}

bool is_utf8(std::string_view charset) noexcept {
  return charset.empty() || charset == "utf-8" || charset == "utf8"
         || charset == "us-ascii" || charset == "ascii";
}

std::optional<std::string> to_utf8(std::string_view text,
                                   std::string_view charset) {
  if (is_utf8(charset))
    return std::string{text};
  if (charset != "iso-8859-1" && charset != "latin1")
    return std::nullopt;
  std::string result;
  result.reserve(text.size() + text.size() / 8);
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xC0 | (byte >> 6));
      result += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return result;
}

} // namespace hearth::http
