/// The table of verbs: everything that the program can do, as data. Its parser,
/// help, manual page and completion are made from it.
#pragma once

#include <string_view>
#include <vector>

#include "cli/failure.hpp"

namespace hearth::cli {

class invocation;
class session;

/// What a value names. Completion offers values of the right kind.
enum class kind { text, number, file, context, binary, job, word };

struct option {
  std::string_view name;
  char letter = 0;          ///< its short form; 0: none
  std::string_view value{}; ///< the name of its value in help; "": a switch
  std::string_view help;
  kind what = kind::text;
  std::string_view words{}; ///< all values of a `kind::word`, between blanks
  bool repeated = false;
};

/// A value that is given by its place, without an option.
struct parameter {
  std::string_view name;
  kind what = kind::text;
  bool optional = false;
  std::string_view words{};
};

struct example {
  std::string_view command;
  std::string_view meaning;
};

struct verb {
  std::string_view noun; ///< "" for a command of one word
  std::string_view name;
  std::string_view summary; ///< one line without a full stop
  std::string_view text;    ///< paragraphs
  std::vector<parameter> parameters;
  std::vector<option> options;
  std::vector<example> examples;
  exit_code (*run)(session&, const invocation&);
};

/// Returns all verbs, in the order of help.
const std::vector<verb>& verbs();

/// Returns the options that every verb takes.
const std::vector<option>& common_options();

/// The explanation of a noun.
struct noun {
  std::string_view name;
  std::string_view summary;
};
const std::vector<noun>& nouns();

/// @returns null if there is no such verb
const verb* find_verb(std::string_view noun, std::string_view name);

/// Returns e.g. `hearth job wait ID [options]`.
std::string synopsis(const verb& x);

} // namespace hearth::cli
