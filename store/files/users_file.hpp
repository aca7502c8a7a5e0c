/// The file of users: a line each, `NAME:HASH:PERMISSIONS`, with the hash of
/// the password as crypt(3) makes it (yescrypt). Lines that are empty or begin
/// with `#` say nothing.
#pragma once

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "conf/permissions.hpp"

namespace hearth {

/// The file is not there, not its owner's alone, or not of this form; the
/// message says which, and never what stands in it.
struct users_error : std::runtime_error {
  using runtime_error::runtime_error;
};

struct user {
  std::string hash;
  std::string permissions; ///< as it was written; parses
};

using user_map = std::map<std::string, user, std::less<>>;

/// @throws users_error, also if others than the owner, who has to be who runs
///         this, may read or write it
user_map read_users(const std::filesystem::path& file);

/// Replaces the file by one that only its owner may read.
/// @throws users_error, std::filesystem::filesystem_error
void write_users(const std::filesystem::path& file, const user_map& users);

/// Takes tens of milliseconds, on purpose.
/// @throws users_error if the password is empty, too long or has a NUL
std::string hash_password(const std::string& password);

/// Whether the password is the one that was hashed. Takes as long as
/// `hash_password`, and no time tells how much of it was right.
bool is_password(const std::string& password, const std::string& hash);

/// Whether a user may be called so.
bool is_user_name(std::string_view name);

} // namespace hearth
