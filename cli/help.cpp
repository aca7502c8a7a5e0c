#include "cli/help.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/text.hpp"

namespace hearth::cli {

namespace {

constexpr std::size_t width = 80;

/// Two columns; the second is wrapped.
std::string
columns_of(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t left = 0;
  for (const auto& [name, text] : rows)
    left = std::max(left, name.size());
  std::string result;
  for (const auto& [name, text] : rows)
    result
      += fmt::format("  {:{}}  {}\n", name, left, wrap(text, width, left + 4));
  return result;
}

std::string verbs_of(std::string_view noun) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& x : verbs())
    if (x.noun == noun)
      rows.emplace_back(x.name, x.summary);
  return columns_of(rows);
}

std::string options_of(const std::vector<option>& options) {
  std::vector<std::pair<std::string, std::string>> rows;
  rows.reserve(options.size());
  for (const auto& x : options)
    rows.emplace_back(spelling(x), x.words.empty()
                                     ? std::string{x.help}
                                     : fmt::format("{}: {}", x.help, x.words));
  return columns_of(rows);
}

} // namespace

std::string overview() {
  std::string result = "hearth: the command line of a Hearth job server\n\n"
                       "Usage: hearth NOUN VERB [...] [options]\n";
  for (const auto& x : nouns())
    result += fmt::format("\n{}: {}\n{}", x.name, x.summary, verbs_of(x.name));
  result += "\nthe server and this program\n" + verbs_of("");
  result += "\nOptions of all commands\n" + options_of(common_options());
  result += "\nEnvironment\n";
  std::vector<std::pair<std::string, std::string>> rows;
  for (const auto& x : variables())
    rows.emplace_back(x.name, x.text);
  result += columns_of(rows) + "\nExit codes\n";
  rows.clear();
  for (const auto& x : exit_meanings())
    rows.emplace_back(std::to_string(static_cast<int>(x.code)), x.text);
  return result + columns_of(rows)
         + "\n'hearth NOUN VERB --help' describes one command, with "
           "examples.\n";
}

std::string help_of_noun(const noun& x) {
  return fmt::format("hearth {0}: {1}\n\n{2}\n"
                     "'hearth {0} VERB --help' describes one command.\n",
                     x.name, x.summary, verbs_of(x.name));
}

std::string help_of(const verb& x) {
  auto result = fmt::format("Usage: {}\n\n{}\n", synopsis(x), x.summary);
  if (!x.text.empty())
    result += fmt::format("\n{}\n", wrap(x.text, width, 0));
  if (!x.options.empty())
    result += "\nOptions\n" + options_of(x.options);
  result += "\nOptions of all commands\n" + options_of(common_options());
  result += "\nExamples\n";
  for (const auto& e : x.examples)
    result += fmt::format(
      "{}  {}\n", e.meaning.empty() ? "" : fmt::format("  # {}\n", e.meaning),
      e.command);
  return result;
}

const std::vector<exit_meaning>& exit_meanings() {
  static const std::vector<exit_meaning> all{
    {exit_code::ok, "done"},
    {exit_code::refused,
     "the server refused it, or does not know what was named"},
    {exit_code::usage, "the command line is wrong"},
    {exit_code::unreachable, "there is no server, or none that answers"},
    {exit_code::job_failed, "the job ended in ERROR or was killed"},
    {exit_code::timed_out, "the job or context was not done in time; it goes "
                           "on"},
    {exit_code::file, "a file cannot be read, or the output not be written"},
  };
  return all;
}

const std::vector<variable>& variables() {
  static const std::vector<variable> all{
    {"HEARTH_URL", "the server, http[s]://[user:password@]host[:port]"},
    {"HEARTH_USER", "user:password, if the address of the server has none; "
                    "neither is ever printed"},
    {"HEARTH_PASSWORD_FILE", "a file whose first line is the password of the "
                             "user HEARTH_USER; no one else may read it. "
                             "If no variable has a user, the line "
                             "user:password in ~/.config/hearth/credentials "
                             "counts"},
  };
  return all;
}

std::string spelling(const option& x) {
  auto result = x.letter == 0 ? fmt::format("    --{}", x.name)
                              : fmt::format("-{}, --{}", x.letter, x.name);
  if (!x.value.empty())
    result += fmt::format(" {}", x.value);
  return result;
}

} // namespace hearth::cli
