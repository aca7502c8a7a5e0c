#include <fmt/format.h>

#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/invocation.hpp"
#include "cli/manual.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace hearth::cli {

namespace {

exit_code print_completion(session& s, const invocation& in) {
  auto script = completion_script(in.parameter(0));
  if (script.empty())
    throw usage_error{
      fmt::format("'{}' is none of these: bash zsh fish", in.parameter(0))};
  s.out << script;
  return exit_code::ok;
}

exit_code print_manual(session& s, const invocation&) {
  s.out << manual();
  return exit_code::ok;
}

exit_code print_version(session& s, const invocation&) {
  s.out << "hearth " HEARTH_VERSION "\n";
  return exit_code::ok;
}

} // namespace

std::vector<verb> shell_verbs() {
  return {
    {.noun = "",
     .name = "completion",
     .summary = "print what a shell needs to complete command lines",
     .text = "Names of contexts and binaries and ids of jobs are asked of the "
             "server.",
     .parameters = {{"SHELL", kind::word, false, "bash zsh fish"}},
     .options = {},
     .examples
     = {{"source <(hearth completion bash)", ""},
        {"hearth completion zsh > ~/.zfunc/_hearth", "with ~/.zfunc in fpath"},
        {"hearth completion fish > "
         "~/.config/fish/completions/hearth.fish",
         ""}},
     .run = print_completion},
    {.noun = "",
     .name = "man",
     .summary = "print the manual page",
     .text = "",
     .parameters = {},
     .options = {},
     .examples = {{"hearth man | man -l -", ""}},
     .run = print_manual},
    {.noun = "",
     .name = "version",
     .summary = "print the version of this program",
     .text = "",
     .parameters = {},
     .options = {},
     .examples = {{"hearth version", ""}},
     .run = print_version},
  };
}

} // namespace hearth::cli
