#include "conf/permissions.hpp"

#include <algorithm>

namespace hearth::conf {

namespace {

struct named {
  std::string_view name;
  permissions which;
};

constexpr named table[] = {
  {"binaries:read", may::read_binaries},
  {"binaries:upload", may::upload_binaries},
  {"binaries:delete", may::delete_binaries},
  {"contexts:read", may::read_contexts},
  {"contexts:start", may::start_contexts},
  {"contexts:delete", may::delete_contexts},
  {"contexts:reset", may::reset_contexts},
  {"data:read", may::read_data},
  {"data:upload", may::upload_data},
  {"data:delete", may::delete_data},
  {"data:reset", may::reset_data},
  {"jobs:read", may::read_jobs},
  {"jobs:start", may::start_jobs},
  {"jobs:delete", may::delete_jobs},
};

/// Returns the permissions that a name stands for: itself, or all below it; 0
/// if it is not a name.
permissions find(std::string_view name) {
  permissions result = 0;
  for (const auto& x : table)
    if (name == "*" || name == x.name
        || name == x.name.substr(0, x.name.find(':')))
      result |= x.which;
  return result;
}

std::string_view trimmed(std::string_view x) {
  constexpr auto blank = " \t";
  x.remove_prefix(std::min(x.find_first_not_of(blank), x.size()));
  return x.substr(0, x.find_last_not_of(blank) + 1);
}

} // namespace

std::optional<permissions> parse_permissions(std::string_view text) {
  if (trimmed(text).empty())
    return permissions{0};
  auto result = may::enter;
  while (true) {
    auto comma = std::min(text.find(','), text.size());
    auto found = find(trimmed(text.substr(0, comma)));
    if (found == 0)
      return std::nullopt;
    result |= found;
    if (comma == text.size())
      return result;
    text.remove_prefix(comma + 1);
  }
}

} // namespace hearth::conf
