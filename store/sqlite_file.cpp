#include "store/sqlite_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/private_files.hpp"
#include "store/store.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, int err) {
  throw store_error(what + ": " + std::strerror(err),
                    err == ENOSPC ? store_trouble::full
                                  : store_trouble::refused);
}

void make_folder(const fs::path& folder) {
  try {
    make_private_folder(folder);
  } catch (const fs::filesystem_error& e) {
    fail("cannot create folder " + folder.string(), e.code().value());
  }
}

int open_private(const std::string& path) {
  auto fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    fail("cannot open " + path, errno);
  return fd;
}

// SQLite would notice it only at the first statement, and its message says
// less.
void check_format(int fd, const std::string& path) {
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  std::array<char, magic.size()> head{};
  auto n = ::pread(fd, head.data(), head.size(), 0);
  if (n < 0)
    fail("cannot read " + path, errno);
  if (n > 0
      && std::string_view{head.data(), static_cast<std::size_t>(n)} != magic)
    throw store_error(path + " is not a SQLite database");
}

} // namespace

sqlite_file::sqlite_file(const std::string& path) {
  if (path == ":memory:")
    return;
  make_folder(fs::path{path}.parent_path());
  // Closed before SQLite opens the file: closing any descriptor of it later
  // would drop SQLite's own locks.
  auto fd = open_private(path);
  try {
    check_format(fd, path);
  } catch (...) {
    ::close(fd);
    throw;
  }
  ::close(fd);
  lock_ = open_private(path + ".lock");
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0)
    return;
  auto err = errno;
  ::close(lock_);
  if (err == EWOULDBLOCK)
    throw store_error(path + " is in use by another server");
  fail("cannot lock " + path + ".lock", err);
}

sqlite_file::~sqlite_file() {
  if (lock_ >= 0)
    ::close(lock_);
}

} // namespace hearth
