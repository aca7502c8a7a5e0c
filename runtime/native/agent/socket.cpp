#include "runtime/native/agent/socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <sys/uio.h>

namespace hearth::native {

bool write_all(int fd, std::string_view first, std::string_view second) {
  std::array<iovec, 2> parts{
    {{const_cast<char*>(first.data()), first.size()},
     {const_cast<char*>(second.data()), second.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  while (parts[0].iov_len + parts[1].iov_len > 0) {
    auto n = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    auto done = static_cast<std::size_t>(n);
    for (auto& part : parts) {
      auto taken = std::min(done, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + taken;
      part.iov_len -= taken;
      done -= taken;
    }
  }
  return true;
}

bool read_some(int fd, protocol::frame_reader& to) {
  std::array<char, 64 * 1024> bytes;
  ssize_t n = 0;
  do
    n = ::recv(fd, bytes.data(), bytes.size(), 0);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return false;
  to.feed({bytes.data(), static_cast<std::size_t>(n)});
  return true;
}

} // namespace hearth::native
