/// The syntax tree of a HOCON text, which hocon_parse.cpp makes and
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

/// A place in a text. Lines and columns count from 1, columns in characters.
struct position {
  int line = 0;
  int column = 0;
};

/// Throws a `parse_error` that begins with "LINE:COLUMN: ".
[[noreturn]] void fail_at(position where, const std::string& what);

using path = std::vector<std::string>;

/// Returns a path as a user would write it, e.g. `a."b.c"`.
std::string to_string(const path& x);

struct document;

/// One part of a value. Parts that stand side by side are joined: texts become
/// one text, lists one list, objects one object.
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

/// One `path = value` of a text. A value that is an object is kept as the
/// statements in it, with longer paths; only an empty object is kept as one.
struct statement {
  std::size_t node = 0; ///< the path that it sets, in `document::nodes`
  expression value;
  /// The value was written beside an object, so it has to be an object itself.
  bool joins_object = false;
  position where; ///< of its key
};

/// One level of the paths that a text sets. Statements share their levels, so
/// that a long path with many keys below it is stored once.
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

/// Parses a text.
/// @throws parse_error for a text that is not HOCON, contains an `include`, or
///         is over a limit
document parse_hocon(std::string_view text, const text_limits& limits);

} // namespace hearth::conf
