#include "cli/credentials.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sys/stat.h>

#include "cli/failure.hpp"

namespace hearth::cli {

namespace {

std::string read_secret(const std::string& file) {
  struct stat x {};
  if (::stat(file.c_str(), &x) != 0)
    throw file_error{file + ": " + std::strerror(errno)};
  if ((x.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw file_error{file + ": others may read this password: chmod 600 it"};
  std::ifstream in{file};
  std::string line;
  if (!std::getline(in, line))
    throw file_error{file + ": cannot be read, or is empty"};
  return line;
}

} // namespace

std::string find_credentials(const credential_sources& from) {
  if (!from.password_file.empty()) {
    if (from.user.empty())
      throw usage_error{"HEARTH_PASSWORD_FILE needs HEARTH_USER, the name"};
    return from.user + ':' + read_secret(from.password_file);
  }
  struct stat x {};
  if (!from.user.empty() || from.file.empty()
      || ::stat(from.file.c_str(), &x) != 0)
    return from.user;
  return read_secret(from.file);
}

} // namespace hearth::cli
