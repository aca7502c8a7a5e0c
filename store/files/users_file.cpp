#include "store/files/users_file.hpp"

#include <algorithm>
#include <crypt.h>
#include <cstring>
#include <fstream>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "store/files/durable_write.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

void require_private(const fs::path& file) {
  struct stat x {};
  if (::stat(file.c_str(), &x) != 0)
    throw users_error{"cannot read the file of users " + file.string() + ": "
                      + std::strerror(errno)};
  if (!S_ISREG(x.st_mode) || x.st_uid != ::geteuid()
      || (x.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw users_error{"the file of users " + file.string()
                      + " has to be a file of who runs the server, and of mode "
                        "600"};
}

std::pair<std::string, user> parse_line(const std::string& line) {
  auto first = line.find(':');
  auto second = line.find(':', std::min(first, line.size() - 1) + 1);
  if (first == std::string::npos || second == std::string::npos)
    throw users_error{"it is not NAME:HASH:PERMISSIONS"};
  user x{line.substr(first + 1, second - first - 1), line.substr(second + 1)};
  auto name = line.substr(0, first);
  if (!is_user_name(name))
    throw users_error{"that is no name of a user"};
  if (crypt_checksalt(x.hash.c_str()) != CRYPT_SALT_OK)
    throw users_error{"the hash is none of a method that is still safe"};
  if (!conf::parse_permissions(x.permissions))
    throw users_error{"one of these permissions is not known"};
  return {name, x};
}

/// crypt(3) of both; "" if it cannot.
std::string crypted(const std::string& password, const std::string& setting) {
  auto data = std::make_unique<crypt_data>();
  const auto* result
    = crypt_rn(password.c_str(), setting.c_str(), data.get(), sizeof(*data));
  std::string text = result ? result : "";
  OPENSSL_cleanse(data.get(), sizeof(*data));
  return text;
}

} // namespace

user_map read_users(const fs::path& file) {
  require_private(file);
  std::ifstream in{file};
  user_map result;
  std::string line;
  for (auto number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line.front() == '#')
      continue;
    try {
      result.insert(parse_line(line));
    } catch (const users_error& e) {
      throw users_error{file.string() + ", line " + std::to_string(number)
                        + ": " + e.what()};
    }
  }
  if (in.bad())
    throw users_error{"cannot read the file of users " + file.string()};
  return result;
}

void write_users(const fs::path& file, const user_map& users) {
  std::string text
    = "# NAME:HASH:PERMISSIONS; hearth-passwd writes this file\n";
  for (const auto& [name, x] : users)
    text += name + ':' + x.hash + ':' + x.permissions + '\n';
  write_flushed(file, text);
}

std::string hash_password(const std::string& password) {
  if (password.empty() || password.size() >= CRYPT_MAX_PASSPHRASE_SIZE
      || password.find('\0') != std::string::npos)
    throw users_error{"a password has from 1 to "
                      + std::to_string(CRYPT_MAX_PASSPHRASE_SIZE - 1)
                      + " bytes, none of them zero"};
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (!crypt_gensalt_rn("$y$", 0, nullptr, 0, setting, sizeof(setting)))
    throw users_error{"this system's crypt has no yescrypt"};
  auto result = crypted(password, setting);
  if (result.empty())
    throw users_error{"the password cannot be hashed"};
  return result;
}

bool is_password(const std::string& password, const std::string& hash) {
  // crypt would cut the rest off, and passwords that differ only there would be
  // equal.
  if (password.find('\0') != std::string::npos)
    return false;
  auto found = crypted(password, hash);
  return found.size() == hash.size() && !found.empty()
         && CRYPTO_memcmp(found.data(), hash.data(), hash.size()) == 0;
}

bool is_user_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name.front() != '#'
         && std::all_of(name.begin(), name.end(), [](unsigned char c) {
              return c > ' ' && c != ':' && c != 0x7f;
            });
}

} // namespace hearth
