/// Makes the configuration that is sent with a job or a context.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth::cli {

/// Returns the content of a file; that of stdin for `-`, and "" for "".
/// @throws file_error
std::string read_config(const std::string& file);

/// Adds settings to a configuration in HOCON or JSON. They win over its own
/// values. A value that is JSON is kept as it is; any other becomes a string.
/// @param settings each of the form `path.of.key=value`
/// @throws usage_error
std::string with_settings(std::string config,
                          const std::vector<std::string>& settings);

/// Splits `key=value`.
/// @param option the name of the option, for errors
/// @throws usage_error
std::pair<std::string, std::string> key_value(std::string_view text,
                                              std::string_view option);

} // namespace hearth::cli
