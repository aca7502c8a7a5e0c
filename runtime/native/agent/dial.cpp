#include "runtime/native/agent/dial.hpp"

#include <fstream>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace hearth::native {

namespace {

void set_options(int fd, std::chrono::milliseconds write_timeout) {
  int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  auto us = std::chrono::duration_cast<std::chrono::microseconds>(write_timeout)
              .count();
  // It bounds the connect as well.
  timeval time{us / 1'000'000, us % 1'000'000};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

} // namespace

int dial(const std::string& endpoint_file,
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
  for (auto* x = found; x != nullptr; x = x->ai_next) {
    auto fd = ::socket(x->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
      continue;
    set_options(fd, write_timeout);
    if (::connect(fd, x->ai_addr, x->ai_addrlen) == 0)
      return fd;
    ::close(fd);
  }
  return -1;
}

} // namespace hearth::native
