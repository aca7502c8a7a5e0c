/// Keeps the files that clients upload to `/data`, in a folder of their own.
/// The actor `data` owns it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.hpp"

namespace hearth {

/// A name or path that cannot be a data file's. `what()` is for the client.
class bad_data_name : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// There are as many data files as are allowed. `what()` is for the client.
class too_many_data_files : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

class data_files {
public:
  /// Makes the folder if it is missing.
  /// @param most how many files there may be
  /// @throws std::filesystem::filesystem_error
  explicit data_files(const std::string& folder, std::size_t most = 10'000);

  /// Stores the content as `<folder>/<prefix>-<time>.dat`. It is on the disk
  /// when this returns.
  /// @returns its absolute path
  /// @throws bad_data_name, too_many_data_files,
  ///         std::filesystem::filesystem_error
  std::string put(const std::string& prefix, std::string_view content,
                  millis now);

  /// Returns the absolute paths of all data files, sorted.
  std::vector<std::string> list() const;

  /// Removes a file by the path that `put` returned.
  /// @returns false if there is no such file
  /// @throws bad_data_name if the path cannot be that of a file in the folder
  bool erase(const std::string& path);

  /// Returns the path of a data file. The file need not exist.
  /// @param name a path that `put` or `list` returned, or the name of a file in
  ///        the folder
  /// @throws bad_data_name if it cannot be a file in the folder
  std::string find(const std::string& name) const;

  /// Removes all data files.
  void clear();

private:
  std::string folder_; ///< absolute
  std::size_t most_;
};

} // namespace hearth
