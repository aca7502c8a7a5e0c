#include "conf/hocon.hpp"

#include <algorithm>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "conf/hocon_resolve.hpp"
#include "conf/hocon_text.hpp"
#include "conf/hocon_value.hpp"

namespace hearth::conf {

namespace {

/// Half of a pair of escapes (`\udc00`) is no character, but RapidJSON makes
/// one of it that UTF-8 does not have.
bool has_half_of_pair(std::string_view text) {
  return std::adjacent_find(text.begin(), text.end(),
                            [](unsigned char x, unsigned char y) {
                              return x == 0xED && y >= 0xA0;
                            })
         != text.end();
}

/// Accepts a JSON object that is not too deep, and keeps nothing of it.
struct checker : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, checker> {
  explicit checker(int max) : max_depth(max) {}

  bool RawNumber(const char*, rapidjson::SizeType, bool) {
    return depth > 0;
  }

  bool Default() {
    return depth > 0;
  }

  bool String(const char* x, rapidjson::SizeType n, bool) {
    return depth > 0 && !has_half_of_pair({x, n});
  }

  bool StartObject() {
    return ++depth <= max_depth;
  }

  bool EndObject(rapidjson::SizeType) {
    return --depth >= 0;
  }

  bool StartArray() {
    return depth > 0 && ++depth <= max_depth;
  }

  bool EndArray(rapidjson::SizeType) {
    return --depth >= 0;
  }

  int max_depth;
  int depth = 0;
};

bool is_json_object(std::string_view text, int max_depth) {
  constexpr auto flags = rapidjson::kParseIterativeFlag
                         | rapidjson::kParseValidateEncodingFlag
                         | rapidjson::kParseNumbersAsStringsFlag;
  auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos || text[begin] != '{')
    return false;
  rapidjson::MemoryStream in{text.data(), text.size()};
  rapidjson::Reader reader;
  checker handler{max_depth};
  // The parser takes a NUL for the end.
  return !reader.Parse<flags>(in, handler).IsError()
         && in.Tell() == text.size();
}

void erase_below(settings_map& from, const std::string& prefix) {
  auto i = from.lower_bound(prefix);
  while (i != from.end() && i->first.compare(0, prefix.size(), prefix) == 0)
    i = from.erase(i);
}

} // namespace

std::string to_json(std::string_view text, const text_limits& limits) {
  if (text.size() > limits.max_bytes)
    throw parse_error("a text may have " + std::to_string(limits.max_bytes)
                        + " bytes, this one has " + std::to_string(text.size()),
                      0, 0);
  if (text.empty())
    return "{}";
  if (is_json_object(text, limits.max_depth))
    return std::string{text};
  auto all = resolve(parse_hocon(text, limits), limits);
  make_large_numbers_texts(all);
  return to_json(all);
}

settings_map to_settings(std::string_view text, const text_limits& limits) {
  settings_map result;
  std::vector<std::string> empty_objects;
  for (auto& x : flatten(parse_hocon(text, limits), limits)) {
    std::string key;
    for (auto& name : x.where_to)
      key += (key.empty() ? "" : ".") + name;
    if (x.what.what == value::kind::null) {
      result.erase(key);
      erase_below(result, key + '.');
      continue;
    }
    if (x.what.what == value::kind::object)
      empty_objects.push_back(key);
    result[key] = to_setting(x.what);
  }
  // An empty object stands for itself only while nothing is in it.
  for (auto& key : empty_objects) {
    auto below = result.lower_bound(key + '.');
    auto i = result.find(key);
    if (i != result.end() && i->second.text == "{}" && below != result.end()
        && below->first.compare(0, key.size() + 1, key + '.') == 0)
      result.erase(i);
  }
  return result;
}

} // namespace hearth::conf
