/// Reading a part of a file.
#pragma once

#include <cstdint>
#include <string>

namespace hearth {

/// At most `limit` bytes of an open file from `offset` on; fewer only at its
/// end. @param path for the error
/// @throws std::system_error
std::string read_block(int fd, const std::string& path, std::uint64_t offset,
                       std::size_t limit);

/// The same of the file of that path; `size` gets that of all of it.
/// @throws std::system_error, with `ENOENT` if there is none
std::string read_block(const std::string& path, std::uint64_t offset,
                       std::size_t limit, std::uint64_t& size);

} // namespace hearth
