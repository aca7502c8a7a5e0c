/// HOCON and JSON texts of people and clients, made safe. The only place that
/// knows cpp-hocon, which crashes on deep nesting, reads files on `include`,
/// and resolves `${X}` from the environment: all three are guarded here.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "conf/settings.hpp"

namespace hearth::conf {

/// A text that does not parse. `what()` says what is wrong and where, e.g.
/// "1:7: Key 'b' may not be followed by token: end of text".
class parse_error : public std::runtime_error {
public:
  parse_error(const std::string& what, int line, int column)
    : std::runtime_error(what), line_(line), column_(column) {}

  /// Both count from 1; 0 if unknown.
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
  std::size_t max_bytes = 8 << 20;       ///< of a JSON text
  std::size_t max_hocon_bytes = 1 << 20; ///< of a text that is not JSON
  int max_depth = 100;
};

/// A job's configuration: HOCON or JSON in, a JSON object out. JSON goes
/// through as it is (checked, never rebuilt: numbers stay exact), empty text
/// is `{}`. Substitutions resolve within the text alone.
/// @throws parse_error
std::string to_json(std::string_view text, const text_limits& limits = {});

/// A context's settings: HOCON or JSON in, dotted path -> text out. Both of
/// `spark.speculation=true` and `spark.speculation.interval=100ms` survive.
/// @throws parse_error
settings_map to_settings(std::string_view text, const text_limits& limits = {});

} // namespace hearth::conf
