/// From statements to values. Internal to conf/.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conf/hocon_text.hpp"
#include "conf/hocon_value.hpp"

namespace hearth::conf {

/// Where `${X}` looks when the text does not set X; empty: nowhere.
using environment
  = std::function<std::optional<std::string>(const std::string& name)>;

/// All of a text as one object.
/// @throws parse_error, also if substitutions make it larger than
///         `limits.max_bytes` or deeper than allowed
value resolve(const document& doc, const text_limits& limits,
              const environment& env = {});

/// One assignment of a text. Its value is no object, but for an empty one.
struct assignment {
  path where_to;
  value what;
  position where;
};

/// A text statement by statement, in order: of `a = 1` and `a.b = 2` both are
/// there.
/// @throws parse_error as `resolve`
std::vector<assignment> flatten(const document& doc, const text_limits& limits,
                                const environment& env = {});

} // namespace hearth::conf
