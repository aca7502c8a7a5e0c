/// HOCON as it is written: what hocon_parse.cpp makes of a text, and
/// hocon_resolve.cpp turns into values. Internal to conf/.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conf/hocon.hpp"

namespace hearth::conf {

/// A place in a text; both count from 1, columns in characters.
struct position {
  int line = 0;
  int column = 0;
};

/// Throws a `parse_error` that begins with "LINE:COLUMN: ".
[[noreturn]] void fail_at(position where, const std::string& what);

using path = std::vector<std::string>;

/// A path as a user would write it, e.g. `a."b.c"`.
std::string to_string(const path& x);

struct document;

/// One part of a value. Parts side by side are joined: texts to a text, lists
/// to a list, objects to an object.
struct part {
  enum class kind { null, boolean, number, text, list, object, substitution };

  kind what = kind::text;
  std::string text;  ///< of a scalar, unescaped; of a number as written
  std::string space; ///< white space before it, kept between two texts
  std::vector<std::vector<part>> items;   ///< of a list
  std::shared_ptr<const document> fields; ///< of an object
  path target;                            ///< of a substitution
  bool optional = false;                  ///< `${?...}`
  position where;
};

using expression = std::vector<part>;

/// `path = value`. A value that is an object is not kept as one: its own
/// statements are, with longer paths. Only an empty one is.
struct statement {
  std::size_t node = 0; ///< whose path it sets, in `document::nodes`
  expression value;
  bool joins_object = false; ///< was written beside an object: must be one
  position where;            ///< of its key
};

/// A level of the paths that are set. Statements share them, so that a long
/// path with many keys below it is stored once.
struct path_node {
  std::size_t parent = 0;
  std::string name;
  int depth = 0;
  std::size_t bytes = 0; ///< of all names from the root
  std::map<std::string, std::size_t, std::less<>> children;
  std::vector<std::size_t> statements; ///< that set this very path, in order
};

/// A whole text, or an object in a list.
struct document {
  /// The first one is the root.
  std::vector<path_node> nodes = std::vector<path_node>(1);
  std::vector<statement> statements;

  path path_of(std::size_t node) const;
};

/// @throws parse_error for a text that is no HOCON, holds an `include`, or is
///         beyond the limits
document parse_hocon(std::string_view text, const text_limits& limits);

} // namespace hearth::conf
