/// Folders and files that only their owner can read, whatever the umask is.
/// The processes of contexts keep the umask with which the server was started:
/// what jobs write elsewhere has the modes that its users expect.
#pragma once

#include <cstdio>
#include <filesystem>

namespace hearth {

/// Makes a folder, and those above it that are missing, with mode 0700. One
/// that is there already stays as it is.
/// @throws std::filesystem::filesystem_error
void make_private_folder(const std::filesystem::path& folder);

/// Opens a file for writing, which is emptied, or made with mode 0600; its
/// folder is made if it is missing. Child processes do not inherit it.
/// @returns null if that fails, with `errno` set
std::FILE* open_private_file(const std::filesystem::path& file);

} // namespace hearth
