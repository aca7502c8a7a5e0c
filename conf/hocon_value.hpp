/// Values of a HOCON text, without substitutions. Internal to conf/.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "conf/hocon_text.hpp"

namespace hearth::conf {

struct value {
  enum class kind { null, boolean, number, text, list, object };

  kind what = kind::null;
  std::string text; ///< of a scalar; of a number as written
  std::vector<value> items;
  std::map<std::string, value> fields;

  /// The value at that path of an object, or null.
  const value* find(const path& where, std::size_t from = 0) const;

  /// Objects are merged, anything else is replaced.
  void merge(value x);

  /// As `merge`, at a path below this one; what is no object on the way
  /// becomes one.
  void merge_at(const path& where, value x);
};

value scalar(value::kind what, const std::string& text);

/// Concise JSON; the fields of an object in the order of their names.
std::string to_json(const value& x);

} // namespace hearth::conf
