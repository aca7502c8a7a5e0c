/// Results in files: how one is written, read, kept and removed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/store.hpp"

namespace hearth {

/// A result on its way into `FOLDER/ID.part`, which becomes `FOLDER/ID` when it
/// is complete. Not copied, not moved; used by one thread. Every function
/// throws `std::system_error`.
class result_file {
public:
  /// @param min_free bytes that writing leaves free on the disk
  result_file(const std::string& folder, const std::string& id,
              std::uint64_t min_free);

  /// Removes the file, unless it was committed.
  ~result_file();

  result_file(const result_file&) = delete;
  result_file& operator=(const result_file&) = delete;

  std::uint64_t size() const noexcept {
    return size_;
  }

  /// @throws std::system_error with `ENOSPC` also where it would leave less
  ///         than `min_free`
  void append(std::string_view bytes);

  /// At most `limit` bytes from `offset` on; fewer only at the end.
  std::string read(std::uint64_t offset, std::size_t limit) const;

  /// Empties it.
  void restart();

  /// Gives it its name, after which nothing may be appended.
  void commit(durability how);

private:
  void check_space();

  std::string part_;
  std::string path_;
  std::uint64_t min_free_;
  std::uint64_t size_ = 0;
  std::uint64_t checked_ = 0; ///< up to this size there is space
  std::uint64_t pushed_ = 0;  ///< so much is on its way to the disk
  bool committed_ = false;
  int fd_;
};

/// At most `limit` bytes of a complete result; `size` gets that of all of it.
/// @throws std::system_error with `ENOENT` if there is none of that id
std::string read_result(const std::string& folder, const std::string& id,
                        std::uint64_t offset, std::size_t limit,
                        std::uint64_t& size);

/// Removes a complete result, if there is one.
void remove_result(const std::string& folder, const std::string& id) noexcept;

/// Makes the folder, and removes from it what is not the whole result of a
/// finished job: the server that wrote it was killed.
/// @returns how many files it removed
std::size_t sweep_results(const std::string& folder, store& db);

} // namespace hearth
