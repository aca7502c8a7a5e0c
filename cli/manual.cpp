#include "cli/manual.hpp"

#include <fmt/format.h>

#include "cli/help.hpp"

namespace hearth::cli {

namespace {

/// Text that roff prints as it is.
std::string roff(std::string_view text) {
  std::string result;
  for (char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '\'')
      result += "\\(aq";
    else
      result += c;
  }
  return result.starts_with('.') ? "\\&" + result : result;
}

std::string tagged(std::string_view tag, std::string_view text) {
  return fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(tag), roff(text));
}

std::string options_of(const std::vector<option>& options) {
  std::string result;
  for (const auto& x : options) {
    auto spelled = spelling(x);
    spelled.erase(0, spelled.find_first_not_of(' '));
    result += tagged(spelled, x.words.empty()
                                ? std::string{x.help}
                                : fmt::format("{}: {}", x.help, x.words));
  }
  return result;
}

std::string about(const verb& x) {
  auto result
    = fmt::format(".SS \"{}\"\n{}.\n", roff(synopsis(x)), roff(x.summary));
  if (!x.text.empty())
    result += fmt::format(".PP\n{}\n", roff(x.text));
  result += options_of(x.options);
  for (const auto& e : x.examples) {
    result += ".PP\n";
    if (!e.meaning.empty())
      result += fmt::format("Example, {}:\n", roff(e.meaning));
    else
      result += "Example:\n";
    result += fmt::format(".PP\n.nf\n.RS\n{}\n.RE\n.fi\n", roff(e.command));
  }
  return result;
}

} // namespace

std::string manual() {
  auto result = std::string{
    ".\\\" Made by 'hearth man'; to change it, change the table of verbs.\n"
    ".TH HEARTH 1 \"\" \"hearth " HEARTH_VERSION "\" \"User Commands\"\n"
    ".SH NAME\nhearth \\- the command line of a Hearth job server\n"
    ".SH SYNOPSIS\n.B hearth\n\\fINOUN\\fR \\fIVERB\\fR [...] [options]\n"
    ".SH DESCRIPTION\n"
    "Creates contexts, uploads binaries and runs jobs on a Hearth server, or "
    "on any other that speaks the REST interface of Spark Job Server.\n"
    ".PP\nAnswers are tables for people, or with \\fB\\-\\-json\\fR the "
    "server's JSON as it was sent, also for errors. Messages of the server "
    "about an error go to the standard error output as they are.\n"
    ".SH COMMANDS\n"};
  for (const auto& x : verbs())
    result += about(x);
  result
    += ".SH OPTIONS\nAll commands take these.\n" + options_of(common_options());
  result += ".SH ENVIRONMENT\n";
  for (const auto& x : variables())
    result += tagged(x.name, x.text);
  result += ".SH EXIT STATUS\n";
  for (const auto& x : exit_meanings())
    result += tagged(std::to_string(static_cast<int>(x.code)), x.text);
  return result + ".SH SEE ALSO\n.BR curl (1)\n";
}

} // namespace hearth::cli
