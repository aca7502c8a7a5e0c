#include "base/setting.hpp"

#include <string_view>

#include <rapidjson/document.h>

namespace hearth {

namespace {

/// Numbers as they were written.
constexpr auto flags
  = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;

std::vector<std::string> split(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::vector<std::string> result;
  for (auto more = true; more;) {
    auto comma = text.find(',');
    auto item = text.substr(0, comma);
    auto first = item.find_first_not_of(blanks);
    if (first != item.npos)
      result.emplace_back(
        item.substr(first, item.find_last_not_of(blanks) - first + 1));
    more = comma != text.npos;
    text.remove_prefix(more ? comma + 1 : 0);
  }
  return result;
}

std::string text_of(const rapidjson::Value& x) {
  if (x.IsString())
    return {x.GetString(), x.GetStringLength()};
  return x.IsNull() ? "null" : x.IsTrue() ? "true" : "false";
}

/// Reads a JSON array of texts and numbers.
std::optional<std::vector<std::string>> texts_in(const std::string& json) {
  rapidjson::Document all;
  all.Parse<flags>(json.data(), json.size());
  if (all.HasParseError() || !all.IsArray())
    return std::nullopt;
  std::vector<std::string> result;
  for (auto& item : all.GetArray()) {
    if (!item.IsString())
      return std::nullopt;
    if (item.GetStringLength() > 0)
      result.emplace_back(text_of(item));
  }
  return result;
}

} // namespace

std::optional<std::vector<std::string>> list_of(const setting& x) {
  // A name may look like a number.
  if (x.is_json && x.text.find_first_of("-0123456789") == 0)
    return std::vector{x.text};
  if (x.is_json)
    return x.is_list() ? texts_in(x.text) : std::nullopt;
  // Earlier versions stored a list as a text like this.
  if (x.text.starts_with("[\""))
    if (auto stored = texts_in(x.text))
      return stored;
  return split(x.text);
}

std::string flat_text(const setting& x) {
  if (!x.is_list())
    return x.text;
  rapidjson::Document all;
  all.Parse<flags>(x.text.data(), x.text.size());
  if (all.HasParseError() || !all.IsArray())
    return x.text;
  std::string result;
  for (auto& item : all.GetArray()) {
    if (item.IsArray() || item.IsObject())
      return x.text;
    auto text = text_of(item);
    if (text.find(',') != text.npos)
      return x.text;
    result += (&item == all.Begin() ? "" : ",") + text;
  }
  return result;
}

} // namespace hearth
