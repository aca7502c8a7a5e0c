/// The orderly end of a connection whose request was refused.
#pragma once

#include <memory>
#include <string>

#include <asio/ip/tcp.hpp>

namespace hearth::http {

/// Writes a last answer, shuts the writing side, and then reads and drops what
/// the client goes on sending, for some seconds: closing a socket that has
/// unread bytes resets the connection, and the client would not see its answer.
/// It owns the socket, so that whatever RESTinio holds for the connection is
/// free at once. Only so many connections end like this at the same time; the
/// others are closed when their answer is written.
class farewells {
public:
  farewells();

  /// @param last the bytes of the answer
  void begin(asio::ip::tcp::socket socket, std::string last);

  /// How many are under way.
  std::size_t count() const noexcept;

private:
  std::shared_ptr<void> token_; ///< each that is under way holds it
};

} // namespace hearth::http
