/// The settings that a context knows. They have no place in the table of
/// conf/keys.hpp, because they come with requests.
#pragma once

#include <span>
#include <string_view>

namespace hearth::conf {

/// A setting with which a context overrides a key of the server for itself.
struct context_override {
  std::string_view name; ///< e.g. "restart"
  std::string_view key;  ///< e.g. "hearth.contexts.restart"
};

std::span<const context_override> context_overrides();

/// Whether a setting means something to contexts: it is one of the overrides,
/// `num-cpu-cores` or another one that docs/operate.md or the page for users of
/// Spark Job Server lists, or it begins with `spark.` or another such prefix.
bool is_context_setting(std::string_view name);

} // namespace hearth::conf
