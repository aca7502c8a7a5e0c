#include "tests/http/client.hpp"

#include <array>
#include <cstdlib>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace hearth::test {

client::client(std::uint16_t port)
  : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // A test that waits for what never comes must fail, not hang.
  timeval limit{20, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    ::close(fd_);
    throw std::runtime_error("cannot connect");
  }
}

client::~client() {
  ::close(fd_);
}

void client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool client::read_more() {
  std::array<char, 65536> block{};
  auto n = ::recv(fd_, block.data(), block.size(), 0);
  if (n <= 0)
    return false;
  buffer_.append(block.data(), static_cast<std::size_t>(n));
  return true;
}

reply client::receive(bool head) {
  auto end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (!read_more())
      return {};
  reply result;
  result.headers = buffer_.substr(0, end + 2);
  result.status = std::atoi(result.headers.c_str() + 9);
  auto at = result.headers.find("Content-Length: ");
  auto length = at == std::string::npos || head
                  ? 0
                  : std::stoul(result.headers.substr(at + 16));
  buffer_.erase(0, end + 4);
  while (buffer_.size() < length)
    if (!read_more())
      return {};
  result.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return result;
}

std::string client::rest() {
  while (read_more()) {
  }
  return std::exchange(buffer_, {});
}

reply client::call(std::string_view method, std::string_view target,
                   std::string_view body, std::string_view headers) {
  send(request(method, target, body, headers));
  return receive(method == "HEAD");
}

bool client::closed() {
  while (read_more()) {
  }
  char c = 0;
  auto n = ::recv(fd_, &c, 1, MSG_DONTWAIT);
  return n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

void client::shut_writing() {
  ::shutdown(fd_, SHUT_WR);
}

void client::reset() {
  linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd_);
  fd_ = -1;
}

std::string request(std::string_view method, std::string_view target,
                    std::string_view body, std::string_view headers) {
  std::string result{method};
  result += ' ';
  result += target;
  result += " HTTP/1.1\r\nHost: localhost\r\n";
  result += headers;
  if (!body.empty())
    result += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  result += "\r\n";
  result += body;
  return result;
}

reply call(std::uint16_t port, std::string_view method, std::string_view target,
           std::string_view body, std::string_view headers) {
  return client{port}.call(method, target, body, headers);
}

} // namespace hearth::test
