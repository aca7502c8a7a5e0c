/// Checks that the content of a binary is whole, before it replaces a good one.
/// What was cut off on its way, or changed as if it were text, is told from
/// what is not of the type at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/records.hpp"

namespace hearth {

/// Returns what is wrong with the content of a binary, and nothing if it is
/// whole. The text is empty if the content is not of that type at all;
/// otherwise it goes on after a colon, and says what is wrong and what is
/// right. Takes up to a second or so for content of hundreds of megabytes.
std::optional<std::string> binary_fault(binary_type type,
                                        std::string_view content);

/// Does the same for a file.
/// @throws std::filesystem::filesystem_error if it cannot be read
std::optional<std::string> binary_fault_of_file(binary_type type,
                                                const std::string& path);

} // namespace hearth
