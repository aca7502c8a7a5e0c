#include "runtime/link/agent_server.hpp"

#include <fcntl.h>
#include <system_error>
#include <utility>

#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include "runtime/link/connection.hpp"

namespace hearth::link {

namespace {

using asio::ip::tcp;

/// How long to wait when accepting fails, e.g. for want of descriptors.
constexpr std::chrono::milliseconds accept_pause{100};

void close_on_exec(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

} // namespace

class agent_server::impl : public std::enable_shared_from_this<impl> {
public:
  impl(asio::io_context& io, agent_server_config config, hello_handler on_hello)
    : io_(io), acceptor_(io), pause_(io), hub_(std::make_shared<hub>()) {
    hub_->config = std::move(config);
    hub_->on_hello = std::move(on_hello);
    tcp::endpoint endpoint{asio::ip::make_address(hub_->config.address),
                           hub_->config.port};
    acceptor_.open(endpoint.protocol());
    close_on_exec(acceptor_.native_handle());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
  }

  void accept() {
    acceptor_.async_accept(
      [self = shared_from_this()](asio::error_code ec, tcp::socket socket) {
        if (!self->acceptor_.is_open())
          return;
        if (ec)
          return self->pause(ec);
        self->take(std::move(socket));
        self->accept();
      });
  }

  void shut() {
    asio::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    // A copy, for each takes itself out.
    for (const auto& x : std::set{hub_->connections})
      x->close("the server stops");
  }

  asio::io_context& io() {
    return io_;
  }

  std::uint16_t port() const {
    return port_;
  }

private:
  void take(tcp::socket socket) {
    close_on_exec(socket.native_handle());
    if (hub_->connections.size() >= hub_->config.max_connections) {
      spdlog::warn("agent port: more than {} connections",
                   hub_->config.max_connections);
      return;
    }
    // The peer may be gone already; reading will tell.
    asio::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    socket.non_blocking(true, ignored);
    std::make_shared<connection>(std::move(socket), hub_)->start();
  }

  void pause(asio::error_code why) {
    spdlog::warn("agent port: cannot accept: {}", why.message());
    pause_.expires_after(accept_pause);
    pause_.async_wait([self = shared_from_this()](asio::error_code ec) {
      if (!ec && self->acceptor_.is_open())
        self->accept();
    });
  }

  asio::io_context& io_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::shared_ptr<hub> hub_;
  std::uint16_t port_ = 0;
};

agent_server::agent_server(asio::io_context& io, agent_server_config config,
                           hello_handler on_hello)
  : impl_(std::make_shared<impl>(io, std::move(config), std::move(on_hello))) {
  impl_->accept();
}

agent_server::~agent_server() {
  impl_->shut();
}

std::uint16_t agent_server::port() const noexcept {
  return impl_->port();
}

void agent_server::stop() {
  asio::post(impl_->io(), [impl = impl_] { impl->shut(); });
}

} // namespace hearth::link
