/// The users that stand in the file of users, read again when it changed.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <tuple>

#include "store/files/users_file.hpp"

namespace hearth {

/// What distinguishes one state of a file from the next: when it was written,
/// its size and its inode, its owner and its mode.
using file_stamp = std::tuple<std::int64_t, std::int64_t, std::uint64_t,
                              std::uint32_t, std::uint32_t>;

/// A file that cannot be read is tried again when it changed, and otherwise
/// once a second: each request looks, and strangers may send thousands.
///
/// Not thread-safe.
class known_users {
public:
  using clock = std::chrono::steady_clock;
  using reader = std::function<user_map(const std::filesystem::path&)>;

  static constexpr std::chrono::seconds pause{1};

  /// @param read throws what says why the file cannot be read
  explicit known_users(std::filesystem::path file = {},
                       reader read = read_users);

  /// Reads the file if it is time. @returns whether the users are new ones
  bool refresh(clock::time_point now);

  /// Why nobody knows who the users are; "": they are known.
  const std::string& failure() const noexcept {
    return failure_;
  }

  /// A line for the log, once for each failure and for each end of one; else
  /// "".
  std::string take_news();

  /// Null if there is no such user.
  const user* find(const std::string& name) const;

private:
  bool is_due(const file_stamp& stamp, clock::time_point now) const;

  std::filesystem::path file_;
  reader read_;
  user_map users_;
  std::optional<file_stamp> tried_; ///< the last state that was looked at
  clock::time_point tried_at_;
  std::string failure_;
  std::string news_;
};

} // namespace hearth
