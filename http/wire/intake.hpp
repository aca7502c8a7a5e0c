/// The reading side of one client's connection. It inspects each request before
/// RESTinio gets it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <asio/ip/tcp.hpp>

#include "http/core/byte_budget.hpp"
#include "http/core/request_head.hpp"
#include "http/routes/head_check.hpp"
#include "http/wire/farewell.hpp"

namespace hearth::http {

/// The objects that all connections of a server share. Only the io_context's
/// thread may use them.
struct intake_env {
  explicit intake_env(const route_env& e)
    : routes(e), check(e.settings), bodies({e.settings.upload_budget}) {}

  route_env routes;
  head_check check;
  byte_budget bodies; ///< for bodies that arrive or are worked on
  farewells leaving;

  /// Runs a function on the io_context's thread, unless the server is gone by
  /// then. Any thread may call it.
  std::function<void(std::function<void()>)> post;
  /// Called when the client of that connection has shut down its writing side.
  std::function<void(std::uint64_t connection)> half_closed;
};

/// RESTinio reads a whole body before it calls its handler, and closes the
/// connection without an answer if its parser finds an error. So a request that
/// will be refused is never passed on to RESTinio:
///
///   reading ──(head is fine)──────────────────────> RESTinio
///      │ └──(a password has to be checked)──> asking ──> reading
///      └──(refused)──> refusing ──(earlier answers are written)──> farewell
///
/// Bytes are read into RESTinio's own buffer and inspected there, so there is
/// no copy and no additional system call. Only the io_context's thread may use
/// it.
class intake : public std::enable_shared_from_this<intake> {
public:
  using read_handler
    = std::function<void(const asio::error_code&, std::size_t)>;

  intake(asio::ip::tcp::socket socket, std::shared_ptr<intake_env> env);

  asio::ip::tcp::socket& socket() noexcept {
    return socket_;
  }

  // -- for RESTinio --

  /// Reads bytes that RESTinio may have. Only one read may be under way.
  void read(char* data, std::size_t size, read_handler then);

  /// Ends the read that is under way; `close` also closes the socket.
  void cancel();
  void close();

  // -- for the connection table, which counts requests --

  void opened(std::uint64_t connection) noexcept {
    connection_ = connection;
  }

  /// Call it when RESTinio has called its handler for the next request.
  void request_seen() noexcept {
    ++seen_;
  }

  /// Makes the connection end with a reset, because an answer is not complete.
  void reset_at_close();
  bool resets() const noexcept {
    return resets_;
  }

  /// Call it when no request of this connection is worked on, and no answer is
  /// written.
  void idle();
  void busy() noexcept {
    busy_ = true;
  }

  /// Drops RESTinio's connection, when the server ends.
  void abandon();

private:
  enum class state { reading, asking, refusing, gone };

  void start_read();
  /// Ends RESTinio's read as one that was cancelled.
  void give_up();
  void on_read(const asio::error_code& error, std::size_t n);
  void on_half_close();
  void inspect(std::size_t n, std::size_t at);
  /// @returns whether to go on with the bytes after the head
  bool on_head(std::size_t n, std::size_t at);
  bool on_body(std::size_t n);
  void on_end();
  void ask(const route& to, std::size_t n, std::size_t at);
  void decided(std::optional<response> refused);
  void resume();
  void refuse(response reply);
  void deliver(const asio::error_code& error, std::size_t n);
  void settle();
  void after_settling();
  void send_continue();
  void say_farewell();

  bool settled() const noexcept {
    return !busy_ && given_ == seen_;
  }

  asio::ip::tcp::socket socket_;
  std::shared_ptr<intake_env> env_;
  head_reader reader_;
  byte_budget::share body_share_;
  state state_ = state::reading;
  std::uint64_t connection_ = 0;

  char* data_ = nullptr; ///< RESTinio's buffer
  std::size_t size_ = 0;
  read_handler then_;
  bool reading_ = false; ///< a read of the socket is under way

  std::size_t begin_ = 0; ///< where the inspected request begins in the buffer
  std::size_t body_ = 0;  ///< bytes of its body so far
  std::size_t body_limit_ = 0;
  bool wants_continue_ = false;
  bool last_ = false; ///< it asked for another protocol, so no request follows

  std::string held_;        ///< bytes of a request whose password is checked
  std::size_t held_at_ = 0; ///< where to go on in them
  bool checked_ = false;

  std::uint64_t given_ = 0; ///< requests that RESTinio got as a whole
  std::uint64_t seen_ = 0;  ///< those for which the handler was called
  bool busy_ = false;
  bool settling_ = false;
  bool end_of_input_ = false;
  bool resets_ = false;
  std::string refusal_;
};

} // namespace hearth::http
