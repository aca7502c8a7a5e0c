/// Reads and writes the file of users. It has a line for each user,
/// `NAME:HASH:PERMISSIONS`; the hash of the password is made by crypt(3)
/// (yescrypt). Empty lines and lines that begin with `#` are ignored.
#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "conf/permissions.hpp"

namespace hearth {

/// The file does not exist, others than its owner have access to it, or it is
/// not of this form. The message says which, and never contains text of the
/// file.
struct users_error : std::runtime_error {
  using runtime_error::runtime_error;
};

struct user {
  std::string hash;
  std::string permissions; ///< as in the file; it is known to parse
};

using user_map = std::map<std::string, user, std::less<>>;

/// Reads the file. It has to belong to the user of this process.
/// @throws users_error, also if other users may read or write the file
user_map read_users(const std::filesystem::path& file);

/// Replaces the file. Only its owner can read the new one.
/// @throws users_error, std::filesystem::filesystem_error
void write_users(const std::filesystem::path& file, const user_map& users);

/// Hashes a password. Takes tens of milliseconds, on purpose.
/// @throws users_error if the password is empty, too long or has a NUL
std::string hash_password(const std::string& password);

/// Whether `hash` is the hash of that password. Takes as long as
/// `hash_password`, however much of the password is right.
bool is_password(const std::string& password, const std::string& hash);

/// Whether a user may have that name.
bool is_user_name(std::string_view name);

} // namespace hearth
