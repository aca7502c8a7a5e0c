/// Files named by the SHA-256 of what is in them.
#pragma once

#include <string>
#include <string_view>

#include "store/records.hpp"

namespace hearth {

/// What a file is by its name; a jar if that does not say.
binary_type type_by_ending(std::string_view name) noexcept;

/// Of a file of that type, e.g. ".jar".
const char* ending(binary_type type) noexcept;

class content_files {
public:
  /// Makes the folder if it is missing; `put` makes it again.
  /// @throws std::filesystem::filesystem_error
  explicit content_files(std::string folder);

  /// Stores the content, on disk (flushed) when this returns; content that is
  /// there already is not written again. @returns its digest
  /// @throws std::filesystem::filesystem_error, ENOSPC among its codes
  std::string put(binary_type type, std::string_view content);

  /// Where content of that digest lies, whether or not it exists. Its ending
  /// follows the type: class loaders and Python look at it.
  std::string path(binary_type type, const std::string& digest) const;

  /// Removes the file, if it is there.
  void erase(binary_type type, const std::string& digest);

private:
  std::string folder_;
};

} // namespace hearth
