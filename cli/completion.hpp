/// Completes command lines in shells, from the table of verbs.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.hpp"

namespace hearth::cli {

/// A word that can stand at the place to be completed.
struct candidate {
  std::string word;
  std::string help;
};

/// The candidate that tells the shell to complete names of files itself.
inline constexpr std::string_view file_candidates = ":file";

/// Asks the server for all names of a kind. Returns none if it cannot be asked.
using name_lookup = std::function<std::vector<std::string>(kind)>;

/// Returns the words that can replace the last word of a command line.
/// @param words the words behind the program's name; the last one is unfinished
///        and may be empty
std::vector<candidate> complete(const std::vector<std::string>& words,
                                const name_lookup& lookup);

/// Returns the script with which `bash`, `zsh` or `fish` asks the program for
/// candidates; "" for another shell.
std::string_view completion_script(std::string_view shell);

} // namespace hearth::cli
