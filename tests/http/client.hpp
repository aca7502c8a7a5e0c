/// A small blocking HTTP client for tests; it sees bytes as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::test {

struct reply {
  int status = 0;      ///< 0: the connection ended without an answer
  std::string headers; ///< lines, as they came
  std::string body;

  bool has(std::string_view header) const {
    return headers.find(header) != std::string::npos;
  }
};

/// One connection to 127.0.0.1.
class client {
public:
  explicit client(std::uint16_t port);
  ~client();

  client(const client&) = delete;
  client& operator=(const client&) = delete;

  void send(std::string_view bytes);

  /// The next answer. @param head it has no body, whatever its length says
  reply receive(bool head = false);

  /// All that comes until the server closes the connection.
  std::string rest();

  /// Sends a request with Host and Content-Length and receives its answer.
  reply call(std::string_view method, std::string_view target,
             std::string_view body = {}, std::string_view headers = {});

  /// Whether the server closed the connection; waits for that.
  bool closed();

  /// Sends no more, and can still receive.
  void shut_writing();

  /// Resets the connection instead of closing it.
  void reset();

private:
  bool read_more();

  int fd_;
  std::string buffer_;
};

/// The bytes of a request.
std::string request(std::string_view method, std::string_view target,
                    std::string_view body = {}, std::string_view headers = {});

/// One request over a connection of its own.
reply call(std::uint16_t port, std::string_view method, std::string_view target,
           std::string_view body = {}, std::string_view headers = {});

} // namespace hearth::test
