#include "store/files/read_block.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace hearth {

namespace {

[[noreturn]] void fail(const char* what, const std::string& path) {
  throw std::system_error(errno, std::generic_category(),
                          std::string{"cannot "} + what + " " + path);
}

/// A descriptor that the destructor closes.
struct closer {
  int fd;
  ~closer() {
    ::close(fd);
  }
};

} // namespace

std::string read_block(int fd, const std::string& path, std::uint64_t offset,
                       std::size_t limit) {
  std::string result(limit, '\0');
  std::size_t done = 0;
  while (done < limit) {
    auto n = ::pread(fd, result.data() + done, limit - done,
                     static_cast<off_t>(offset + done));
    if (n < 0 && errno != EINTR)
      fail("read", path);
    if (n == 0)
      break;
    if (n > 0)
      done += static_cast<std::size_t>(n);
  }
  result.resize(done);
  return result;
}

std::string read_block(const std::string& path, std::uint64_t offset,
                       std::size_t limit, std::uint64_t& size) {
  closer file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0)
    fail("open", path);
  struct stat about {};
  if (::fstat(file.fd, &about) != 0)
    fail("look at", path);
  size = static_cast<std::uint64_t>(about.st_size);
  return read_block(file.fd, path, offset, limit);
}

} // namespace hearth
