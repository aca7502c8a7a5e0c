#include "runtime/link/socket_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <stdexcept>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace hearth::link {

namespace {

using local = asio::local::stream_protocol;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void claim_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    fail("cannot make " + folder);
  // The folder is opened so that the same folder is checked and changed.
  auto fd
    = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    fail(folder + " has to be a folder");
  struct stat found {};
  auto known = ::fstat(fd, &found) == 0;
  auto is_ours = known && found.st_uid == ::geteuid();
  if (is_ours && (found.st_mode & 07777) != S_IRWXU)
    is_ours = ::fchmod(fd, S_IRWXU) == 0;
  ::close(fd);
  if (!is_ours)
    throw std::runtime_error(folder + " has to belong to the server's user");
}

void remove_stale(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0)
    return;
  if (!S_ISSOCK(found.st_mode))
    throw std::runtime_error(path + " is there, and is no socket");
  if (::unlink(path.c_str()) != 0)
    fail("cannot remove the old " + path);
}

void close_on_exec(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

} // namespace

local::acceptor listen_on_file(asio::io_context& io, const std::string& path) {
  constexpr auto longest = sizeof(sockaddr_un{}.sun_path) - 1;
  if (path.size() > longest)
    throw std::runtime_error("the path " + path + " has "
                             + std::to_string(path.size())
                             + " bytes, and that of a Unix socket can have "
                             + std::to_string(longest));
  claim_folder(std::filesystem::path{path}.parent_path().string());
  remove_stale(path);
  local::acceptor result{io, local::endpoint{path}.protocol()};
  close_on_exec(result.native_handle());
  // The file gets the mode of the socket, so other users can never connect. A
  // change of the umask would affect other threads.
  if (::fchmod(result.native_handle(), S_IRUSR | S_IWUSR) != 0)
    fail("cannot close " + path + " to others");
  result.bind(local::endpoint{path});
  result.listen();
  return result;
}

socket_remover::socket_remover(const std::string& path) : path_(path) {
  struct stat found {};
  known_ = ::lstat(path.c_str(), &found) == 0;
  device_ = found.st_dev;
  inode_ = found.st_ino;
}

void socket_remover::remove() {
  struct stat found {};
  if (std::exchange(known_, false) && ::lstat(path_.c_str(), &found) == 0
      && found.st_ino == inode_ && found.st_dev == device_)
    ::unlink(path_.c_str());
}

} // namespace hearth::link
