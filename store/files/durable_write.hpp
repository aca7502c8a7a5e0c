/// Files that are on the disk once they are said to be.
#pragma once

#include <filesystem>
#include <string_view>

namespace hearth {

/// Writes `content` under another name, flushes it, and renames it to `target`,
/// readable by its owner alone; a file that was there is replaced. Nobody ever
/// sees half of it. Makes the folder if it is missing. One thread at a time may
/// write one target.
/// @throws std::filesystem::filesystem_error, ENOSPC among its codes
void write_flushed(const std::filesystem::path& target,
                   std::string_view content);

/// Removes what `write_flushed` left in a folder when its server was killed.
/// Nobody may be writing there.
/// @throws std::filesystem::filesystem_error if the folder cannot be read
void remove_unfinished(const std::filesystem::path& folder);

} // namespace hearth
