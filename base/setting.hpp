/// One setting of a context, with its type.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearth {

/// A text, or a number, boolean, list or object that was written as such. A
/// text stays one even if it looks like a list, as `[::1]` does.
struct setting {
  setting() = default;
  setting(std::string text) : text(std::move(text)) {}
  setting(const char* text) : text(text) {}

  /// Makes a number, boolean, list or object of its JSON.
  static setting json(std::string json) {
    setting result{std::move(json)};
    result.is_json = true;
    return result;
  }

  bool is_list() const {
    return is_json && text.starts_with('[');
  }

  bool is_object() const {
    return is_json && text.starts_with('{');
  }

  friend bool operator==(const setting&, const setting&) = default;

  std::string text; ///< the text itself, or JSON
  bool is_json = false;
};

/// The settings of a context, by dotted paths.
using settings_map = std::map<std::string, setting>;

template <class I>
typename I::result_type inspect(I& f, setting& x) {
  return f(x.text, x.is_json);
}

/// Returns the items of a list of names or URIs: of `a, b`, which is split at
/// its commas, or of `["a", "b"]`, whose items are not split. Empty items are
/// left out.
/// @returns nothing for an object, a boolean, null, or a list with one of them
std::optional<std::vector<std::string>> list_of(const setting& x);

/// Returns a setting as Spark and Hadoop read it from their configurations,
/// which have only texts: a list becomes `a,b`. A list becomes JSON if its
/// items could not be told apart then, because one has a comma or is itself a
/// list or an object.
std::string flat_text(const setting& x);

} // namespace hearth
