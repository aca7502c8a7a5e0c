/// Keeps the content of uploaded binaries in files that are named by the
/// SHA-256 of their content.
#pragma once

#include <string>
#include <string_view>

#include "store/records.hpp"

namespace hearth {

/// Returns the type of a file by the ending of its name; a jar if the ending
/// says nothing.
binary_type type_by_ending(std::string_view name) noexcept;

/// Returns the ending of files of that type, e.g. ".jar".
const char* ending(binary_type type) noexcept;

class content_files {
public:
  /// Makes the folder if it is missing. `put` makes it again if it vanished.
  /// @throws std::filesystem::filesystem_error
  explicit content_files(std::string folder);

  /// Stores the content. It is flushed to the disk when this returns. Content
  /// that is stored already is not written again.
  /// @returns its digest
  /// @throws std::filesystem::filesystem_error, ENOSPC among its codes
  std::string put(binary_type type, std::string_view content);

  /// Returns the path of the content with that digest, whether or not it
  /// exists. The ending follows from the type, because class loaders and Python
  /// look at it.
  std::string path(binary_type type, const std::string& digest) const;

  /// Removes the file if it exists.
  void erase(binary_type type, const std::string& digest);

private:
  std::string folder_;
};

} // namespace hearth
