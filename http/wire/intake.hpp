/// The reading side of one connection: what RESTinio gets to see of it.
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

/// What the connections of a server share. On the io_context's thread alone.
struct intake_env {
  explicit intake_env(const route_env& e)
    : routes(e), check(e.settings), bodies({e.settings.upload_budget}) {}

  route_env routes;
  head_check check;
  byte_budget bodies; ///< that arrive or are worked on
  farewells leaving;

  /// Runs something on the io_context's thread, unless the server is gone by
  /// then. Any thread.
  std::function<void(std::function<void()>)> post;
  /// The client of that connection has shut its writing side.
  std::function<void(std::uint64_t connection)> half_closed;
};

/// Reads for RESTinio and looks at each request before RESTinio does. RESTinio
/// takes whole bodies before it calls anybody, and closes without an answer
/// what its parser does not like; so a request that will be refused never gets
/// there:
///
///   reading ──(head is fine)──────────────────────> RESTinio
///      │ └──(a password has to be checked)──> asking ──> reading
///      └──(refused)──> refusing ──(earlier answers are written)──> farewell
///
/// Bytes are read into RESTinio's own buffer, and inspected there: no copy, and
/// as many system calls as without it. On the io_context's thread alone.
class intake : public std::enable_shared_from_this<intake> {
public:
  using read_handler
    = std::function<void(const asio::error_code&, std::size_t)>;

  intake(asio::ip::tcp::socket socket, std::shared_ptr<intake_env> env);

  asio::ip::tcp::socket& socket() noexcept {
    return socket_;
  }

  // -- for RESTinio --

  /// Reads something that RESTinio may have. One read at a time.
  void read(char* data, std::size_t size, read_handler then);

  /// Ends the read that is under way; `close` also closes the socket.
  void cancel();
  void close();

  // -- for those who count requests --

  void opened(std::uint64_t connection) noexcept {
    connection_ = connection;
  }

  /// RESTinio has called the handler for the next request.
  void request_seen() noexcept {
    ++seen_;
  }

  /// The connection ends with a reset: an answer is not complete.
  void reset_at_close();
  bool resets() const noexcept {
    return resets_;
  }

  /// Nothing of this connection is worked on or written any more.
  void idle();
  void busy() noexcept {
    busy_ = true;
  }

  /// Lets go of RESTinio's connection, when the server ends.
  void abandon();

private:
  enum class state { reading, asking, refusing, gone };

  void start_read();
  void on_read(const asio::error_code& error, std::size_t n);
  void on_half_close();
  void inspect(std::size_t n, std::size_t at);
  /// @returns whether to go on with what follows the head
  bool on_head(std::size_t n, std::size_t at);
  bool on_body(std::size_t n);
  void on_end();
  void ask(const route& to, std::size_t n, std::size_t at);
  void decided(std::optional<response> refused);
  void resume();
  void refuse(response x);
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

  std::size_t begin_ = 0; ///< of the request that is inspected, in the buffer
  std::size_t body_ = 0;  ///< bytes of its body so far
  std::size_t body_limit_ = 0;
  bool wants_continue_ = false;
  bool last_ = false; ///< it wanted another protocol: nothing follows it

  std::string held_;        ///< of a request whose password is being checked
  std::size_t held_at_ = 0; ///< where to go on in it
  bool checked_ = false;

  std::uint64_t given_ = 0; ///< requests that RESTinio got whole
  std::uint64_t seen_ = 0;  ///< of them, those that the handler was called for
  bool busy_ = false;
  bool settling_ = false;
  bool end_of_input_ = false;
  bool resets_ = false;
  std::string refusal_;
};

} // namespace hearth::http
