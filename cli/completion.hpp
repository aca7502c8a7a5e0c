/// Completion of command lines in shells.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.hpp"

namespace hearth::cli {

/// A word that would fit.
struct candidate {
  std::string word;
  std::string help;
};

/// Stands for the files of the user's machine, which the shell completes.
inline constexpr std::string_view file_candidates = ":file";

/// Names that the server knows of that kind; nothing if it cannot be asked.
using name_lookup = std::function<std::vector<std::string>(kind)>;

/// What may stand where the last word does.
/// @param words of the command line behind the program's name; the last one
///        is unfinished and may be empty
std::vector<candidate> complete(const std::vector<std::string>& words,
                                const name_lookup& lookup);

/// What `bash`, `zsh` or `fish` needs to ask the program for candidates;
/// nothing for another shell.
std::string_view completion_script(std::string_view shell);

} // namespace hearth::cli
