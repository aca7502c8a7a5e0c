/// Resolves substitutions, and so makes values of the statements of a HOCON
/// text. Internal to conf/.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conf/hocon_text.hpp"
#include "conf/hocon_value.hpp"

namespace hearth::conf {

/// Returns the value of `${X}` where the text does not set X. An empty function
/// means that there is no such value.
using environment
  = std::function<std::optional<std::string>(const std::string& name)>;

/// Makes one object of a whole text.
/// @throws parse_error, also if substitutions make it larger than
///         `limits.max_bytes` or deeper than `limits.max_depth`
value resolve(const document& doc, const text_limits& limits,
              const environment& env = {});

/// One assignment of a text. Its value is not an object, unless that is empty.
struct assignment {
  path where_to;
  value what;
  position where;
};

/// Returns the assignments of a text in their order. Of `a = 1` and `a.b = 2`
/// both are kept.
/// @throws parse_error as `resolve` does
std::vector<assignment> flatten(const document& doc, const text_limits& limits,
                                const environment& env = {});

} // namespace hearth::conf
