/// Makes the texts of help from the table of verbs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.hpp"

namespace hearth::cli {

/// Returns a line about each verb.
std::string overview();

/// Returns the verbs of one noun.
std::string help_of_noun(const noun& x);

/// Returns the whole help of one verb.
std::string help_of(const verb& x);

/// The explanation of an exit code.
struct exit_meaning {
  exit_code code;
  std::string_view text;
};
const std::vector<exit_meaning>& exit_meanings();

/// The explanation of a variable of the environment.
struct variable {
  std::string_view name;
  std::string_view text;
};
const std::vector<variable>& variables();

/// Returns an option as help shows it, e.g. `-t, --timeout SECONDS`.
std::string spelling(const option& x);

} // namespace hearth::cli
