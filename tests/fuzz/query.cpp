// Targets of requests are decoded strictly: what was decoded is UTF-8 without
// NUL, and encoded again it decodes to the same.

#include "http/core/query.hpp"

#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

bool is_plain(std::string_view x) {
  return is_utf8(x) && x.find('\0') == std::string_view::npos;
}

void check_path(std::string_view path) {
  auto segments = http::split_path(path);
  std::string again = segments.empty() ? "/" : "";
  for (const auto& x : segments) {
    require(is_plain(x), "a segment is UTF-8 without NUL");
    again += '/' + http::encode(x);
  }
  // A segment that is empty at the end shows by one slash more.
  if (!segments.empty() && segments.back().empty())
    again += '/';
  require(http::split_path(again) == segments, "a path decodes to itself");
  for (const auto& x : segments)
    try {
      require(http::checked_name(x).find('/') == std::string::npos && x != ".."
                && x.size() <= 255,
              "a name cannot leave its folder");
    } catch (const http::bad_request& e) {
      require(is_utf8(e.what()), "an error can be shown");
    }
}

void check_query(std::string_view query) {
  auto all = http::parameters::parse(query);
  std::string again;
  for (const auto& [name, value] : all) {
    require(is_plain(name) && is_plain(value), "parameters are plain");
    again += '&' + http::encode(name) + '=' + http::encode(value);
  }
  auto once_more = http::parameters::parse(again);
  require(
    std::equal(all.begin(), all.end(), once_more.begin(), once_more.end()),
    "a query decodes to itself");
  for (const auto& [name, value] : all) {
    require(all.find(name) != nullptr, "a parameter is found");
    try {
      all.flag(name, false);
      all.number(name, 0);
    } catch (const http::bad_request& e) {
      require(is_utf8(e.what()), "an error can be shown");
    }
  }
}

/// What a client would be told can always be written.
template <class F>
void attempt(F f, std::string_view input) {
  try {
    f(input);
  } catch (const http::bad_request&) {
    // Refused.
  }
}

} // namespace

void one(std::string_view input) {
  auto mark = input.find('?');
  attempt(check_path, input.substr(0, mark));
  attempt(check_query,
          mark == std::string_view::npos ? input : input.substr(mark + 1));
  attempt(
    [](std::string_view x) {
      require(http::checked_key(x) == x, "a key stays as it is");
    },
    input);
}

} // namespace hearth::fuzz
