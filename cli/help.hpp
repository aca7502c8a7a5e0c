/// Help for people, made from the table of verbs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/verb.hpp"

namespace hearth::cli {

/// All verbs, a line each.
std::string overview();

/// The verbs of one noun.
std::string help_of_noun(const noun& x);

/// All about one verb.
std::string help_of(const verb& x);

/// What each exit code means.
struct exit_meaning {
  exit_code code;
  std::string_view text;
};
const std::vector<exit_meaning>& exit_meanings();

/// What the environment says.
struct variable {
  std::string_view name;
  std::string_view text;
};
const std::vector<variable>& variables();

/// E.g. `-t, --timeout SECONDS`.
std::string spelling(const option& x);

} // namespace hearth::cli
