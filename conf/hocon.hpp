/// Reads HOCON and JSON texts that clients send or people write. It is safe for
/// texts of strangers: their depth, their size and the growth by substitutions
/// are bounded, the time is linear, and nothing but the text itself is read (no
/// `include`, no environment).
///
/// It is a reader of our own because cpp-hocon 0.3.0 crashes on deep paths,
/// needs time quadratic in the number of dotted keys, refuses letters beyond
/// ASCII in quotes and a third `+=`, and keeps neither columns nor the exact
/// text of large numbers.
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

  /// The line is 0 if the text as a whole is wrong, e.g. too large.
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
  /// Size of a JSON text, and roughly of what a HOCON text becomes once its
  /// substitutions are resolved.
  std::size_t max_bytes = 8 << 20;
  std::size_t max_hocon_bytes = 1 << 20; ///< size of a text that is not JSON
  int max_depth = 100; ///< nesting of objects and lists, and length of paths
};

/// Makes a JSON object of a job's configuration, which is HOCON or JSON. JSON
/// is checked and returned as it is. Empty text becomes `{}`. Numbers stay as
/// they were written, except that those out of a double's range become texts
/// with the same digits. Substitutions are resolved within the text alone.
/// @throws parse_error
std::string to_json(std::string_view text, const text_limits& limits = {});

/// Makes a flat map of a context's settings, which are HOCON or JSON. A path
/// may have a value and longer paths below it: of `spark.speculation=true` and
/// `spark.speculation.interval=100ms` both are kept. Quotes around a piece of a
/// path are dropped: `"a.b".c` is `a.b.c`. Values keep their types; null
/// removes a key and all below it. Numbers out of a double's range become
/// texts.
/// @throws parse_error
settings_map to_settings(std::string_view text, const text_limits& limits = {});

} // namespace hearth::conf
