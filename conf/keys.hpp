/// The table of all keys that a configuration may set. conf/load.cpp reads
/// settings by it, and tests compare it with conf/hearth.conf.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conf/settings.hpp"

namespace hearth::conf {

struct key {
  std::string_view name; ///< e.g. "spark.jobserver.port"
  std::string_view form; ///< of its values, e.g. "a duration such as 10s"

  /// Sets the setting.
  /// @returns false if the text is not of that form; nothing is changed then
  bool (*set)(settings& where, const std::string& text);

  /// Returns the setting as a text that `set` takes.
  std::string (*get)(const settings& where);
};

const std::vector<key>& keys();

/// @returns nullptr if there is no such key
const key* find_key(std::string_view name);

/// Finds a key, or the group of a key, that Spark Job Server knows and that has
/// no meaning here.
/// @returns the key or the group to name in a warning; "" if it is neither
std::string_view foreign_key(std::string_view name);

/// Returns the key that the author of `name` is likely to have meant, or "".
std::string_view similar_key(std::string_view name);

} // namespace hearth::conf
