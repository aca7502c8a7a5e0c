/// The configuration that goes with a job or a context.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearth::cli {

/// The content of a file, of stdin for `-`, nothing for "".
/// @throws file_error
std::string read_config(const std::string& file);

/// Adds settings to a configuration in HOCON or JSON; they win over what it
/// says. A value that is JSON stays what it is, any other becomes a string.
/// @param settings as `path.of.key=value`
/// @throws usage_error
std::string with_settings(std::string config,
                          const std::vector<std::string>& settings);

} // namespace hearth::cli
