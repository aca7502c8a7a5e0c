/// Ends a connection whose request was refused, so that the client gets the
/// answer.
#pragma once

#include <memory>
#include <string>

#include <asio/ip/tcp.hpp>

namespace hearth::http {

/// Writes a last answer, shuts down the writing side, and then reads and drops
/// the bytes that the client still sends, for some seconds. Closing a socket
/// with unread bytes would reset the connection, and the client would not see
/// its answer. It owns the socket, so that RESTinio's memory for the connection
/// is freed at once. The number of connections that end in this way at the same
/// time is limited; others are closed when their answer is written.
class farewells {
public:
  farewells();

  /// @param last the bytes of the answer
  void begin(asio::ip::tcp::socket socket, std::string last);

  /// Returns how many are under way.
  std::size_t count() const noexcept;

private:
  std::shared_ptr<void> token_; ///< each one under way has a copy
};

} // namespace hearth::http
