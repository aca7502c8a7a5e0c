#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/native/agent/dial.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace std::chrono_literals;

namespace {

/// Listens both ways.
struct listeners {
  listeners() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.copy(address.sun_path, sizeof(address.sun_path) - 1);
    listen(by_socket, address);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listen(by_port, any);
    socklen_t size = sizeof any;
    ::getsockname(by_port, reinterpret_cast<sockaddr*>(&any), &size);
    folder.write("endpoint",
                 "127.0.0.1:" + std::to_string(ntohs(any.sin_port)) + "\n");
  }

  ~listeners() {
    ::close(by_socket);
    ::close(by_port);
  }

  template <class Address>
  static void listen(int fd, const Address& address) {
    REQUIRE(
      ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address)
      == 0);
    REQUIRE(::listen(fd, 4) == 0);
  }

  temp_dir folder;
  std::string socket = folder / "agent.sock";
  std::string endpoint = folder / "endpoint";
  int by_socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int by_port = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

/// @returns AF_UNIX, AF_INET, or -1 if nothing was reached
int family_of_dial(const std::string& socket, const std::string& endpoint) {
  auto fd = hearth::native::dial(socket, endpoint, 2s);
  if (fd < 0)
    return -1;
  auto family = -1;
  socklen_t size = sizeof family;
  ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size);
  timeval time{};
  size = sizeof time;
  ::getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &time, &size);
  CHECK(time.tv_sec == 2);
  ::close(fd);
  return family;
}

} // namespace

TEST_CASE_FIXTURE(listeners, "the Unix socket goes before TCP") {
  CHECK(family_of_dial(socket, endpoint) == AF_UNIX);
  CHECK(family_of_dial(socket, folder / "missing") == AF_UNIX);
}

TEST_CASE_FIXTURE(listeners, "TCP is there where the Unix socket is not") {
  CHECK(family_of_dial("", endpoint) == AF_INET);
  CHECK(family_of_dial(folder / "missing", endpoint) == AF_INET);
  CHECK(family_of_dial(folder / std::string(200, 'x'), endpoint) == AF_INET);
  CHECK(family_of_dial(endpoint, endpoint) == AF_INET);
  ::close(by_socket);
  by_socket = -1;
  CHECK(family_of_dial(socket, endpoint) == AF_INET);
}

TEST_CASE_FIXTURE(listeners, "who finds no server says so") {
  CHECK(family_of_dial("", folder / "missing") == -1);
  folder.write("endpoint", "nonsense");
  CHECK(family_of_dial("", endpoint) == -1);
}
