/// SHA-256, which names content.
#pragma once

#include <string>
#include <string_view>

namespace hearth {

/// SHA-256 in lower-case hex.
std::string sha256(std::string_view bytes);

/// The same of a file's content. @throws std::filesystem::filesystem_error
std::string sha256_of_file(const std::string& path);

} // namespace hearth
