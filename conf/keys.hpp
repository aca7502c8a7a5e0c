/// The one table of the keys that a configuration may set.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conf/settings.hpp"

namespace hearth::conf {

struct key {
  std::string_view name; ///< e.g. "spark.jobserver.port"
  std::string_view form; ///< what it takes, e.g. "a duration such as 10s"

  /// @returns whether the text was of the right form; if not, nothing changed
  bool (*set)(settings& where, const std::string& text);

  /// The setting as text that `set` would take.
  std::string (*get)(const settings& where);
};

const std::vector<key>& keys();

/// @returns nullptr if there is no such key
const key* find_key(std::string_view name);

/// Whether Spark Job Server knows this key, or the group that it is in, while
/// it has no meaning here.
/// @returns the key or the group to name in a warning, or ""
std::string_view foreign_key(std::string_view name);

/// What somebody who wrote `name` is likely to have meant, or "".
std::string_view similar_key(std::string_view name);

} // namespace hearth::conf
