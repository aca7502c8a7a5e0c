#include "http/core/query.hpp"

#include <algorithm>
#include <charconv>

namespace hearth::http {

namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  auto lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Length of the well-formed UTF-8 sequence at the start of
/// `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text) noexcept {
  auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  auto tail = [&](std::size_t i, unsigned low, unsigned high) {
    return at(i) >= low && at(i) <= high;
  };
  auto first = at(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first <= 0xDF)
    return tail(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    // Neither overlong forms nor surrogates.
    auto low = first == 0xE0 ? 0xA0U : 0x80U;
    auto high = first == 0xED ? 0x9FU : 0xBFU;
    return tail(1, low, high) && tail(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    auto low = first == 0xF0 ? 0x90U : 0x80U;
    auto high = first == 0xF4 ? 0x8FU : 0xBFU;
    return tail(1, low, high) && tail(2, 0x80, 0xBF) && tail(3, 0x80, 0xBF) ? 4
                                                                            : 0;
  }
  return 0;
}

void check_text(std::string_view text, std::string_view what) {
  if (text.find('\0') != std::string_view::npos)
    throw bad_request("NUL in the " + std::string{what});
  while (!text.empty()) {
    auto n = utf8_length(text);
    if (n == 0)
      throw bad_request("invalid UTF-8 in the " + std::string{what});
    text.remove_prefix(n);
  }
}

bool plain(char c, bool plus) noexcept {
  return c != '%' && c != '\0' && !(plus && c == '+')
         && static_cast<unsigned char>(c) < 0x80;
}

[[noreturn]] void malformed(std::string_view name, const std::string& value,
                            const char* expected) {
  throw bad_request("The query parameter '" + std::string{name}
                    + "' was malformed: '" + value + "' is not a valid "
                    + expected + " value");
}

} // namespace

std::string decode(std::string_view text, bool plus, std::string_view what) {
  if (std::all_of(text.begin(), text.end(),
                  [&](char c) { return plain(c, plus); }))
    return std::string{text};
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      auto low = high >= 0 ? hex_digit(text[i + 2]) : -1;
      if (low < 0)
        throw bad_request("invalid escape '" + std::string{text.substr(i, 3)}
                          + "' in the " + std::string{what});
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += plus && text[i] == '+' ? ' ' : text[i];
    }
  }
  check_text(result, what);
  return result;
}

std::string encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    auto lower = c | 0x20;
    if ((lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-'
        || c == '.' || c == '_' || c == '~') {
      result += c;
    } else {
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> result;
  if (path.empty() || path.front() != '/')
    throw bad_request("the path does not start with a slash");
  path.remove_prefix(1);
  while (!path.empty()) {
    auto n = std::min(path.find('/'), path.size());
    result.push_back(decode(path.substr(0, n), false, "path"));
    path.remove_prefix(std::min(n + 1, path.size()));
  }
  return result;
}

const std::string& checked_name(const std::string& name) {
  auto forbidden = [](char c) {
    return c == '/' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  };
  if (name.empty())
    throw bad_request("a name must not be empty");
  if (name.size() > 255)
    throw bad_request("a name must not be longer than 255 bytes");
  if (name == "." || name == "..")
    throw bad_request("'" + name + "' is no name");
  if (std::any_of(name.begin(), name.end(), forbidden))
    throw bad_request("a name must not hold '/' or control characters");
  return name;
}

parameters parameters::parse(std::string_view query) {
  parameters result;
  result.items_.reserve(
    static_cast<std::size_t>(std::count(query.begin(), query.end(), '&')) + 1);
  while (!query.empty()) {
    auto n = std::min(query.find('&'), query.size());
    auto item = query.substr(0, n);
    query.remove_prefix(std::min(n + 1, query.size()));
    if (item.empty())
      continue;
    auto eq = std::min(item.find('='), item.size());
    auto name = decode(item.substr(0, eq), true, "name of a query parameter");
    auto value = item.substr(std::min(eq + 1, item.size()));
    auto decoded = decode(value, true, "query parameter '" + name + "'");
    result.items_.emplace_back(std::move(name), std::move(decoded));
  }
  return result;
}

const std::string* parameters::find(std::string_view name) const noexcept {
  auto i = std::find_if(items_.rbegin(), items_.rend(),
                        [&](const auto& item) { return item.first == name; });
  return i == items_.rend() ? nullptr : &i->second;
}

const std::string& parameters::get(std::string_view name) const noexcept {
  static const std::string none;
  const auto* value = find(name);
  return value ? *value : none;
}

bool parameters::flag(std::string_view name, bool otherwise) const {
  const auto* value = find(name);
  if (!value)
    return otherwise;
  std::string lower = *value;
  for (char& c : lower)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (lower == "true" || lower == "yes" || lower == "on")
    return true;
  if (lower == "false" || lower == "no" || lower == "off")
    return false;
  malformed(name, *value, "Boolean");
}

std::int32_t parameters::number(std::string_view name,
                                std::int32_t otherwise) const {
  const auto* value = find(name);
  if (!value)
    return otherwise;
  std::int32_t result = 0;
  const auto* end = value->data() + value->size();
  auto parsed = std::from_chars(value->data(), end, result);
  if (parsed.ec != std::errc{} || parsed.ptr != end)
    malformed(name, *value, "32-bit signed integer");
  return result;
}

target_parts split_target(std::string_view target) noexcept {
  target_parts result;
  target = target.substr(0, target.find('#'));
  if (!target.starts_with('/')) {
    auto scheme = target.find("://");
    if (scheme != std::string_view::npos) {
      target.remove_prefix(scheme + 3);
      auto end = std::min(target.find_first_of("/?"), target.size());
      result.authority = target.substr(0, end);
      target.remove_prefix(end);
      if (!target.starts_with('/')) {
        result.path = "/";
        result.query = target.substr(std::min<std::size_t>(1, target.size()));
        return result;
      }
    }
  }
  auto mark = std::min(target.find('?'), target.size());
  result.path = target.substr(0, mark);
  result.query = target.substr(std::min(mark + 1, target.size()));
  return result;
}

void require_reboot(const parameters& query) {
  const auto* wanted = query.find("reset");
  if (!wanted)
    throw missing_parameter(
      "Request is missing required query parameter 'reset'");
  if (*wanted != "reboot")
    throw bad_request("The query parameter 'reset' was malformed: '" + *wanted
                      + "' is not 'reboot'");
}

void parameters::erase(std::string_view name) {
  std::erase_if(items_, [&](const auto& item) { return item.first == name; });
}

std::string checked_key(std::string_view key) {
  auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (key.size() > 255 || !std::all_of(key.begin(), key.end(), visible))
    throw bad_request("the header Idempotency-Key was malformed: 1 to 255 "
                      "visible ASCII characters are right");
  return std::string{key};
}

} // namespace hearth::http
