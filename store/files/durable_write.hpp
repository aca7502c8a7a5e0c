/// Writes whole files so that they are on the disk when the call returns, and
/// never half written.
#pragma once

#include <filesystem>
#include <string_view>

namespace hearth {

/// Writes `content` under another name, flushes it, and renames it to `target`.
/// An existing file is replaced, and nobody ever sees half of the new one. Only
/// its owner can read the file. Makes the folder if it is missing. Only one
/// thread at a time may write the same target.
/// @throws std::filesystem::filesystem_error, ENOSPC among its codes
void write_flushed(const std::filesystem::path& target,
                   std::string_view content);

/// Removes the unfinished files that `write_flushed` left in a folder when its
/// server was killed. Nothing may be written in that folder meanwhile.
/// @throws std::filesystem::filesystem_error if the folder cannot be read
void remove_unfinished(const std::filesystem::path& folder);

} // namespace hearth
