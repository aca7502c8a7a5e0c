/// The values of a HOCON text, after its substitutions were resolved. Internal
/// to conf/.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/setting.hpp"
#include "conf/hocon_text.hpp"

namespace hearth::conf {

struct value {
  enum class kind { null, boolean, number, text, list, object };

  kind what = kind::null;
  std::string text; ///< of a scalar; of a number as written
  std::vector<value> items;
  std::map<std::string, value> fields;

  /// Returns the value at that path, or null. The path is read from its element
  /// `from` on.
  const value* find(const path& where, std::size_t from = 0) const;
  value* find(const path& where, std::size_t from = 0);

  /// Merges two objects; if one of the values is not an object, replaces this
  /// one.
  void merge(value other);

  /// Merges a value at a path below this one. Values on the way that are not
  /// objects become objects.
  void merge_at(const path& where, value other);

  /// Makes a text of a scalar.
  void become_text();

  /// Returns how many objects and lists are within one another; 0 for a scalar.
  std::size_t levels() const;
};

value scalar(value::kind what, const std::string& text);

/// Makes texts of all numbers in a value that are out of a double's range, with
/// all their digits. JSON with such numbers cannot be read again.
void make_large_numbers_texts(value& x);

/// Makes a setting of a value that is not null. Large numbers become texts, as
/// above.
setting to_setting(value x);

/// Writes concise JSON. The fields of an object are in the order of their
/// names.
std::string to_json(const value& x);

} // namespace hearth::conf
