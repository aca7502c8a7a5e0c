/// The type of socket that RESTinio uses: it writes as any socket does, and
/// reads through an `intake`. RESTinio's own socket for TLS is made in the same
/// way.
#pragma once

#include <memory>
#include <utility>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "http/wire/intake.hpp"

namespace restinio::impl {
class tls_socket_t;
} // namespace restinio::impl

namespace hearth::http {

class guarded_socket {
public:
  using executor_type = asio::any_io_executor;
  using lowest_layer_type = asio::ip::tcp::socket;

  explicit guarded_socket(asio::io_context& io) : fresh_(io) {}

  /// From now on all reads go through an intake. Call it once, when the socket
  /// is connected.
  std::shared_ptr<intake> guard(std::shared_ptr<intake_env> env) {
    intake_ = std::make_shared<intake>(std::move(fresh_), std::move(env));
    return intake_;
  }

  lowest_layer_type& lowest_layer() noexcept {
    return intake_ ? intake_->socket() : fresh_;
  }
  const lowest_layer_type& lowest_layer() const noexcept {
    return intake_ ? intake_->socket() : fresh_;
  }

  executor_type get_executor() {
    return lowest_layer().get_executor();
  }

  bool is_open() const {
    return lowest_layer().is_open();
  }

  template <class Buffer, class Handler>
  void async_read_some(const Buffer& to, Handler&& then) {
    intake_->read(static_cast<char*>(to.data()), to.size(),
                  std::forward<Handler>(then));
  }

  template <class Buffers, class Handler>
  auto async_write_some(const Buffers& from, Handler&& then) {
    return lowest_layer().async_write_some(from, std::forward<Handler>(then));
  }

  void cancel(asio::error_code& error) {
    error = {};
    intake_->cancel();
  }

  void shutdown(asio::ip::tcp::socket::shutdown_type side,
                asio::error_code& error) {
    if (!intake_->resets())
      lowest_layer().shutdown(side, error);
  }

  void close() {
    intake_->close();
  }

private:
  asio::ip::tcp::socket fresh_; ///< the socket before `guard` was called
  std::shared_ptr<intake> intake_;
};

/// RESTinio finds these by the type of the socket; there is no handshake.
template <class Connection, class Start, class Failed>
void prepare_connection_and_start_read(guarded_socket&, Connection&,
                                       Start start, Failed) {
  start();
}

inline restinio::impl::tls_socket_t*
make_tls_socket_pointer_for_state_listener(guarded_socket&) noexcept {
  return nullptr;
}

} // namespace hearth::http
