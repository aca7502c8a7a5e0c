#include "http/wire/socket_info.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hearth::http {

std::uint64_t cookie_of(int fd) noexcept {
  std::uint64_t result = 0;
  socklen_t size = sizeof result;
  return ::getsockopt(fd, SOL_SOCKET, SO_COOKIE, &result, &size) == 0 ? result
                                                                      : 0;
}

std::uint64_t received_by(int fd) noexcept {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0
           ? info.tcpi_bytes_received
           : 0;
}

} // namespace hearth::http
