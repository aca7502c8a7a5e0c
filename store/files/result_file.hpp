/// Writes, reads and removes the files of large results. The actor `results`
/// calls it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/store.hpp"

namespace hearth {

/// A result that is being written into `FOLDER/ID.part`. When it is complete,
/// that file is renamed to `FOLDER/ID`. For one thread. Every function may
/// throw `std::system_error`.
class result_file {
public:
  /// @param min_free how many bytes have to stay free on the disk
  result_file(const std::string& folder, const std::string& id,
              std::uint64_t min_free);

  /// Removes the file if it was not committed.
  ~result_file();

  result_file(const result_file&) = delete;
  result_file& operator=(const result_file&) = delete;

  std::uint64_t size() const noexcept {
    return size_;
  }

  /// @throws std::system_error with `ENOSPC`, also if less than `min_free`
  ///         bytes would stay free
  void append(std::string_view bytes);

  /// Reads up to `limit` bytes from `offset` on; fewer only at the end.
  std::string read(std::uint64_t offset, std::size_t limit) const;

  /// Renames the file to its final name. Nothing may be appended afterwards.
  void commit(durability level);

private:
  void check_space();

  std::string part_;
  std::string path_;
  std::uint64_t min_free_;
  std::uint64_t size_ = 0;
  std::uint64_t checked_ = 0; ///< size up to which there is enough space
  std::uint64_t pushed_ = 0;  ///< bytes whose writing to the disk has begun
  bool committed_ = false;
  int fd_;
};

/// Reads up to `limit` bytes of a complete result from `offset` on.
/// @param size receives the size of the whole result
/// @throws std::system_error with `ENOENT` if there is no result of that id
std::string read_result(const std::string& folder, const std::string& id,
                        std::uint64_t offset, std::size_t limit,
                        std::uint64_t& size);

/// Removes a complete result, if there is one.
void remove_result(const std::string& folder, const std::string& id) noexcept;

/// Makes the folder if it is missing. Removes all files in it that are not the
/// complete result of a finished job; a server that was killed left them.
/// @returns how many files were removed
std::size_t sweep_results(const std::string& folder, store& db);

} // namespace hearth
