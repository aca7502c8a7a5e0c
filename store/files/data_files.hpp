/// The files that clients uploaded to `/data`, in a folder of their own.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.hpp"

namespace hearth {

/// A name that is no data file's; `what()` is for the client.
class bad_data_name : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// There is no room for one more; `what()` is for the client.
class too_many_data_files : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

class data_files {
public:
  /// Makes the folder if it is not there.
  /// @param most how many files there may be
  /// @throws std::filesystem::filesystem_error
  explicit data_files(const std::string& folder, std::size_t most = 10'000);

  /// Stores the content as `<folder>/<prefix>-<time>.dat`, on the disk when
  /// this returns. @returns its absolute path
  /// @throws bad_data_name, too_many_data_files,
  ///         std::filesystem::filesystem_error
  std::string put(const std::string& prefix, std::string_view content,
                  millis now);

  /// Absolute paths, sorted.
  std::vector<std::string> list() const;

  /// Removes a file by the path that `put` returned.
  /// @returns false if there is none
  /// @throws bad_data_name if the path is not one of a file in the folder
  bool erase(const std::string& path);

  /// The path of a file, of which `put` or `list` told the path or which has
  /// that name in the folder; it need not be there.
  /// @throws bad_data_name if that is none of a file in the folder
  std::string find(const std::string& name) const;

  /// Removes all of them.
  void clear();

private:
  std::string folder_; ///< absolute
  std::size_t most_;
};

} // namespace hearth
