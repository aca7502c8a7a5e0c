#include "runtime/launch/environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unistd.h>

namespace hearth::launch {

namespace {

using namespace std::string_view_literals;

/// The variables that every child gets, as entries of the setting.
constexpr std::array usual{
  "PATH"sv,      "HOME"sv,      "USER"sv,     "LOGNAME"sv,    "LANG"sv,
  "LC_*"sv,      "TZ"sv,        "TMPDIR"sv,   "JAVA_HOME"sv,  "SPARK_*"sv,
  "HADOOP_*"sv,  "YARN_*"sv,    "KRB5*"sv,    "http_proxy"sv, "https_proxy"sv,
  "ftp_proxy"sv, "all_proxy"sv, "no_proxy"sv, "HTTP_PROXY"sv, "HTTPS_PROXY"sv,
  "FTP_PROXY"sv, "ALL_PROXY"sv, "NO_PROXY"sv};

bool matches(std::string_view entry, std::string_view name) {
  if (!entry.ends_with('*'))
    return entry == name;
  entry.remove_suffix(1);
  return !entry.empty() && name.starts_with(entry);
}

template <class Entries>
bool any_matches(const Entries& entries, std::string_view name) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](std::string_view x) { return matches(x, name); });
}

} // namespace

environment inherited(const std::vector<std::string>& more) {
  environment result;
  for (auto** entry = environ; entry && *entry; ++entry) {
    std::string_view text = *entry;
    auto end = text.find('=');
    if (end == std::string_view::npos)
      continue;
    auto name = text.substr(0, end);
    // Of two with one name the first counts, as for getenv.
    if (any_matches(usual, name) || any_matches(more, name))
      result.emplace(name, text.substr(end + 1));
  }
  for (const auto& x : more)
    if (auto end = x.find('='); end != std::string::npos)
      result[x.substr(0, end)] = x.substr(end + 1);
  return result;
}

} // namespace hearth::launch
