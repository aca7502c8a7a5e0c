/// Reads a part of a file.
#pragma once

#include <cstdint>
#include <string>

namespace hearth {

/// Reads up to `limit` bytes of an open file from `offset` on; fewer only at
/// its end.
/// @param path for the text of the error
/// @throws std::system_error
std::string read_block(int fd, const std::string& path, std::uint64_t offset,
                       std::size_t limit);

/// Does the same with the file of that path.
/// @param size receives the size of the whole file
/// @throws std::system_error, with `ENOENT` if there is no such file
std::string read_block(const std::string& path, std::uint64_t offset,
                       std::size_t limit, std::uint64_t& size);

} // namespace hearth
