/// Makes folders and files that only their owner can read, whatever the umask
/// is. The umask itself is not changed, because the processes of contexts
/// inherit it, and the files of jobs should get the modes that users expect.
#pragma once

#include <cstdio>
#include <filesystem>

namespace hearth {

/// Makes a folder, and the missing folders above it, with mode 0700. A folder
/// that exists already is not changed.
/// @throws std::filesystem::filesystem_error
void make_private_folder(const std::filesystem::path& folder);

/// Opens a file for writing and empties it. A missing file is made with mode
/// 0600, a missing folder as `make_private_folder` does. Child processes do not
/// inherit the descriptor.
/// @returns null with `errno` set if that fails
std::FILE* open_private_file(const std::filesystem::path& file);

} // namespace hearth
