/// The configuration that goes with a job or a context.
#pragma once

#include <string>
#include <string_view>
#include <utility>
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

/// Splits `key=value`.
/// @param option names the option in an error
/// @throws usage_error
std::pair<std::string, std::string> key_value(std::string_view text,
                                              std::string_view option);

} // namespace hearth::cli
