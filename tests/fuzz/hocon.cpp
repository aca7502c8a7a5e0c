// HOCON is refused with a place in the text, or becomes a JSON object within
// the limits that goes through untouched the second time.

#include "conf/hocon.hpp"

#include <algorithm>

#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

/// The limits as they are, and some that a fuzzer's inputs meet.
const conf::text_limits limits[] = {{}, {2000, 400, 8}};

int depth_of(std::string_view json) {
  int depth = 0;
  int deepest = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (quoted && json[i] == '\\')
      ++i;
    else if (json[i] == '"')
      quoted = !quoted;
    else if (!quoted && (json[i] == '{' || json[i] == '['))
      deepest = std::max(deepest, ++depth);
    else if (!quoted && (json[i] == '}' || json[i] == ']'))
      --depth;
  }
  return deepest;
}

void check_place(const conf::parse_error& e, std::string_view input) {
  auto lines = 1 + std::count(input.begin(), input.end(), '\n');
  require(e.line() >= 0 && e.line() <= lines, "an error is in the text");
  require((e.line() == 0) == (e.column() == 0), "a place has both numbers");
  require(is_utf8(e.what()), "an error can be shown");
}

void check_json(std::string_view input, const conf::text_limits& x) {
  auto json = conf::to_json(input, x);
  require(is_json(json) && json.find('{') != std::string::npos,
          "a configuration becomes a JSON object");
  require(depth_of(json) <= x.max_depth, "depth is bounded");
  require(json.size() <= 2 * x.max_bytes + 100, "growth is bounded");
  conf::text_limits room = x;
  room.max_bytes = 2 * x.max_bytes + 100;
  require_equal(conf::to_json(json, room), json, "JSON goes through untouched");
}

} // namespace

void one(std::string_view input) {
  for (const auto& x : limits) {
    try {
      check_json(input, x);
    } catch (const conf::parse_error& e) {
      check_place(e, input);
    }
    try {
      for (const auto& [key, value] : conf::to_settings(input, x))
        require(is_utf8(key) && is_utf8(value.text)
                  && (!value.is_json || is_json(value.text)),
                "settings are UTF-8, and JSON if they are no texts");
    } catch (const conf::parse_error& e) {
      check_place(e, input);
    }
  }
}

} // namespace hearth::fuzz
