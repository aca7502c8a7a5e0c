#include "cli/job_config.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include "cli/failure.hpp"
#include "cli/json.hpp"
#include "cli/text.hpp"

namespace hearth::cli {

namespace {

std::string slurp(std::istream& in) {
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Position behind the string that starts at `i`: "text" or """text""".
std::size_t skip_string(std::string_view text, std::size_t i) {
  constexpr std::string_view triple = R"(""")";
  if (text.substr(i).starts_with(triple)) {
    auto end = text.find(triple, i + triple.size());
    // Of more quotes than three the first ones belong to the text.
    return std::min(text.find_first_not_of('"', end), text.size());
  }
  for (++i; i < text.size() && text[i] != '"'; ++i)
    if (text[i] == '\\')
      ++i;
  return i + 1;
}

/// Position of the brace that closes the whole of a HOCON text which starts
/// with one; npos if the text has no braces around it.
std::size_t root_end(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '#' || text.substr(i).starts_with("//")) {
      i = std::min(text.find('\n', i), text.size());
    } else if (c == '"' && depth > 0) {
      i = skip_string(text, i) - 1;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return i;
    } else if (depth == 0) {
      auto space = leading_space(text.substr(i));
      if (space == 0)
        return std::string_view::npos;
      i += space - 1;
    }
  }
  return std::string_view::npos;
}

/// Returns the path with its elements quoted, because they may contain
/// anything. A path that the user has quoted is not changed.
std::string quoted_path(const std::string& path) {
  if (path.find('"') != std::string::npos)
    return path;
  std::string result;
  for (std::size_t i = 0; i <= path.size();) {
    auto dot = std::min(path.find('.', i), path.size());
    if (!result.empty())
      result += '.';
    result += json::quoted(path.substr(i, dot - i));
    i = dot + 1;
  }
  return result;
}

} // namespace

std::string read_config(const std::string& file) {
  if (file.empty())
    return {};
  if (file == "-")
    return slurp(std::cin);
  if (std::filesystem::is_directory(file))
    throw file_error{file + ": is a folder"};
  std::ifstream in{file, std::ios::binary};
  auto result = in ? slurp(in) : std::string{};
  if (!in)
    throw file_error{
      file + ": " + std::error_code{errno, std::generic_category()}.message()};
  return result;
}

std::string with_settings(std::string config,
                          const std::vector<std::string>& settings) {
  if (settings.empty())
    return config;
  std::string added;
  for (const auto& x : settings) {
    auto [path, value] = key_value(x, "set");
    added += '\n' + quoted_path(path) + " = "
             + (json::valid(value) ? value : json::quoted(value));
  }
  added += '\n';
  auto end = root_end(config);
  // Nothing may follow the brace that closes the root.
  return end == std::string::npos ? config + added : config.insert(end, added);
}

std::pair<std::string, std::string> key_value(std::string_view text,
                                              std::string_view option) {
  auto n = text.find('=');
  if (n == 0 || n == std::string_view::npos)
    throw usage_error{
      fmt::format("--{} takes key=value, not '{}'", option, text)};
  return {std::string{text.substr(0, n)}, std::string{text.substr(n + 1)}};
}

} // namespace hearth::cli
