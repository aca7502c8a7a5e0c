#include "runtime/native/agent/dial.hpp"

#include <fstream>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace hearth::native {

namespace {

/// @returns -1 if no server listens there
int connect_to(const sockaddr* address, socklen_t size,
               std::chrono::milliseconds write_timeout) {
  auto fd = ::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  auto us = std::chrono::duration_cast<std::chrono::microseconds>(write_timeout)
              .count();
  // It bounds the connect as well.
  timeval time{us / 1'000'000, us % 1'000'000};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
  int on = 1;
  if (address->sa_family != AF_UNIX)
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, address, size) == 0)
    return fd;
  ::close(fd);
  return -1;
}

int dial_socket(const std::string& path,
                std::chrono::milliseconds write_timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return -1;
  path.copy(address.sun_path, path.size());
  return connect_to(reinterpret_cast<const sockaddr*>(&address), sizeof address,
                    write_timeout);
}

int dial_port(const std::string& endpoint_file,
              std::chrono::milliseconds write_timeout) {
  std::string line;
  std::ifstream in{endpoint_file};
  std::getline(in, line);
  auto colon = line.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return -1;
  auto host = line.substr(0, colon);
  if (host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), line.c_str() + colon + 1, &hints, &found)
      != 0)
    return -1;
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner{found, ::freeaddrinfo};
  auto fd = -1;
  for (auto* x = found; x != nullptr && fd < 0; x = x->ai_next)
    fd = connect_to(x->ai_addr, x->ai_addrlen, write_timeout);
  return fd;
}

} // namespace

int dial(const std::string& endpoint_socket, const std::string& endpoint_file,
         std::chrono::milliseconds write_timeout) {
  auto fd = dial_socket(endpoint_socket, write_timeout);
  return fd >= 0 ? fd : dial_port(endpoint_file, write_timeout);
}

} // namespace hearth::native
