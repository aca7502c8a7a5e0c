#include <atomic>
#include <cerrno>
#include <sys/socket.h>

#include <doctest/doctest.h>

#include "tests/http/client.hpp"
#include "tests/http/test_server.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

std::atomic<int> failures{0}; ///< how often accept fails from now on
std::atomic<int> error{0};

} // namespace

/// Stands before the C library's: Asio calls this one, which fails as a kernel
/// would that is short of something.
extern "C" int accept(int fd, sockaddr* address, socklen_t* size) {
  if (failures.load() > 0) {
    --failures;
    errno = error.load();
    return -1;
  }
  return ::accept4(fd, address, size, 0);
}

TEST_CASE("connections are accepted again after every error") {
  test_server server;
  for (auto code : {EMFILE, ENFILE, ENOBUFS, ENOMEM, EPERM}) {
    CAPTURE(code);
    error = code;
    // More than there are accepts under way: all of them fail.
    failures = 100;
    CHECK(call(server.port(), "GET", "/contexts").status == 200);
    failures = 0;
  }
  for (int i = 0; i < 100; ++i)
    CHECK(call(server.port(), "GET", "/healthz").status == 200);
}
