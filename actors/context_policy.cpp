#include "actors/context_policy.hpp"

#include <charconv>

#include "actors/error.hpp"
#include "conf/units.hpp"

namespace hearth {

namespace {

caf::error wrong(const std::string& key, const std::string& value,
                 const std::string& right) {
  return make_error(ec::bad_request, "the setting " + key + " = " + value
                                       + " makes no sense: " + right);
}

/// Appends the items of `a,b` or `["a","b"]`.
void append_list(const std::string& text, std::vector<std::string>& out) {
  std::string item;
  auto flush = [&] {
    if (!item.empty())
      out.push_back(std::move(item));
    item.clear();
  };
  for (auto c : text) {
    if (c == ',')
      flush();
    else if (std::string_view{"[]\" \t\n"}.find(c) == std::string_view::npos)
      item += c;
  }
  flush();
}

} // namespace

caf::expected<context_policy>
policy_of(const context_policy& defaults,
          const std::map<std::string, std::string>& settings) {
  auto result = defaults;
  if (auto i = settings.find("max-jobs-per-context"); i != settings.end()) {
    auto& text = i->second;
    auto end = text.data() + text.size();
    auto [at, code] = std::from_chars(text.data(), end, result.max_jobs);
    if (code != std::errc{} || at != end || result.max_jobs < 1)
      return wrong(i->first, text, "a number from 1 up is right");
  }
  if (auto i = settings.find("context-init-timeout"); i != settings.end()) {
    auto time = conf::parse_duration(i->second);
    if (!time || time->count() < 1)
      return wrong(i->first, i->second, "a duration such as 60s is right");
    result.init_timeout = *time;
  }
  return result;
}

std::vector<std::string>
jars_of(const std::map<std::string, std::string>& settings) {
  std::vector<std::string> result;
  for (auto key : {"dependent-jar-uris", "cp"})
    if (auto i = settings.find(key); i != settings.end())
      append_list(i->second, result);
  return result;
}

} // namespace hearth
