#include "runtime/fetch/maven.hpp"

#include <algorithm>

namespace hearth {

namespace {

bool is_part(std::string_view text) noexcept {
  auto allowed = [](char c) {
    auto lower = c | 0x20;
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.'
           || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= 200 && text.front() != '.'
         && std::all_of(text.begin(), text.end(), allowed);
}

std::string escaped(std::string_view text) {
  std::string result;
  for (auto c : text) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else
      result += c;
  }
  return result;
}

std::string element(const char* name, std::string_view content) {
  return std::string{"<"} + name + ">" + std::string{content} + "</" + name
         + ">";
}

std::string repositories_of(std::string_view urls) {
  std::string result;
  for (auto number = 1; !urls.empty(); ++number) {
    auto n = std::min(urls.find(','), urls.size());
    auto url = urls.substr(0, n);
    urls.remove_prefix(std::min(n + 1, urls.size()));
    url.remove_prefix(std::min(url.find_first_not_of(' '), url.size()));
    url = url.substr(0, url.find_last_not_of(' ') + 1);
    if (!url.empty())
      result += element("repository",
                        element("id", "hearth-" + std::to_string(number))
                          + element("url", escaped(url)));
  }
  return result.empty() ? result : element("repositories", result);
}

std::string exclusion(const char* group) {
  return element("exclusion",
                 element("groupId", group) + element("artifactId", "*"));
}

} // namespace

std::optional<maven_coordinate> parse_coordinate(std::string_view uri) {
  constexpr std::string_view scheme = "maven:";
  if (!uri.starts_with(scheme))
    return std::nullopt;
  std::vector<std::string> parts;
  for (uri.remove_prefix(scheme.size());;) {
    auto n = std::min(uri.find(':'), uri.size());
    if (!is_part(uri.substr(0, n)))
      return std::nullopt;
    parts.emplace_back(uri.substr(0, n));
    if (n == uri.size())
      break;
    uri.remove_prefix(n + 1);
  }
  if (parts.size() != 3)
    return std::nullopt;
  return maven_coordinate{parts[0], parts[1], parts[2]};
}

std::string maven_project(const maven_coordinate& x,
                          std::string_view repositories) {
  auto identity = [](const std::string& group, const std::string& artifact,
                     const std::string& version) {
    return element("groupId", group) + element("artifactId", artifact)
           + element("version", version);
  };
  auto exclusions = element("exclusions", exclusion("org.apache.spark")
                                            + exclusion("org.scala-lang"));
  auto dependency = element(
    "dependency", identity(x.group, x.artifact, x.version) + exclusions);
  return "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">"
         + element("modelVersion", "4.0.0")
         + identity("hearth", "dependencies", "1")
         + repositories_of(repositories) + element("dependencies", dependency)
         + "</project>\n";
}

std::vector<std::string> maven_command(const std::string& program,
                                       const std::string& project,
                                       const std::string& folder) {
  return {program,
          "--batch-mode",
          "--quiet",
          "--no-transfer-progress",
          "--file",
          project,
          "dependency:copy-dependencies",
          "-DincludeScope=runtime",
          "-DoutputDirectory=" + folder};
}

} // namespace hearth
