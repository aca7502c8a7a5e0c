/// HOCON and JSON texts of people and clients, made safe: depth, size and the
/// growth by substitutions are bounded, time is linear, nothing but the text
/// itself is read (no `include`, no environment).
///
/// A reader of our own: cpp-hocon 0.3.0 crashes on deep paths, needs time
/// quadratic in the number of dotted keys, refuses
/// letters beyond ASCII in quotes and a third `+=`, and keeps neither columns
/// nor the exact text of large numbers.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "conf/settings.hpp"

namespace hearth::conf {

/// A text that does not parse. `what()` says what is wrong and where, e.g.
/// "1:7: Key 'b' may not be followed by token: end of text". Lines and columns
/// (in characters) count from 1.
class parse_error : public std::runtime_error {
public:
  parse_error(const std::string& what, int line, int column)
    : std::runtime_error(what), line_(line), column_(column) {}

  /// 0 if the text as a whole is wrong, e.g. too large.
  int line() const noexcept {
    return line_;
  }
  int column() const noexcept {
    return column_;
  }

private:
  int line_;
  int column_;
};

struct text_limits {
  /// Of a JSON text, and about of what substitutions make of a HOCON text.
  std::size_t max_bytes = 8 << 20;
  std::size_t max_hocon_bytes = 1 << 20; ///< of a text that is not JSON
  int max_depth = 100;                   ///< of objects, lists and paths
};

/// A job's configuration: HOCON or JSON in, a JSON object out. JSON goes
/// through as it is (checked, and rebuilt only if a number is out of a double's
/// range), empty text is `{}`. Numbers stay as they were written. Substitutions
/// resolve within the text alone.
/// @throws parse_error
std::string to_json(std::string_view text, const text_limits& limits = {});

/// A context's settings: HOCON or JSON in, dotted path -> text out. Both of
/// `spark.speculation=true` and `spark.speculation.interval=100ms` survive.
/// Quotes around a piece of a path are not kept: `"a.b".c` is `a.b.c`. Lists
/// and empty objects become JSON text; null removes a key and all below it.
/// @throws parse_error
settings_map to_settings(std::string_view text, const text_limits& limits = {});

} // namespace hearth::conf
