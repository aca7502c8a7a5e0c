#include "runtime/link/agent_server.hpp"

#include <fcntl.h>
#include <unordered_set>

#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include "runtime/link/connection.hpp"

namespace hearth::link {

namespace {

/// How long accepting rests after it failed, e.g. for want of descriptors.
constexpr std::chrono::milliseconds accept_pause{100};

using tcp = asio::ip::tcp;

} // namespace

class agent_server::impl : public std::enable_shared_from_this<impl> {
public:
  impl(asio::io_context& io, agent_server_config config, hello_handler on_hello)
    : config_(std::move(config)), on_hello_(std::move(on_hello)), acceptor_(io),
      pause_(io) {
    tcp::endpoint where{asio::ip::make_address(config_.address), config_.port};
    acceptor_.open(where.protocol());
    ::fcntl(acceptor_.native_handle(), F_SETFD, FD_CLOEXEC);
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(where);
    acceptor_.listen();
  }

  void accept() {
    acceptor_.async_accept(
      [self = shared_from_this()](std::error_code code, tcp::socket socket) {
        if (self->stopped_)
          return;
        if (code) {
          self->pause_.expires_after(accept_pause);
          self->pause_.async_wait([self](std::error_code cancelled) {
            if (!cancelled)
              self->accept();
          });
          return;
        }
        self->welcome(std::move(socket));
        self->accept();
      });
  }

  void stop() {
    asio::post(acceptor_.get_executor(),
               [self = shared_from_this()] { self->close_all(); });
  }

  std::uint16_t port() const {
    return acceptor_.local_endpoint().port();
  }

private:
  void welcome(tcp::socket socket) {
    if (connections_.size() >= config_.max_connections)
      return; // the socket closes as it goes
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    std::error_code ignored; // it costs time only
    socket.set_option(tcp::no_delay(true), ignored);
    auto one
      = std::make_shared<connection>(std::move(socket), config_, on_hello_);
    connections_.insert(one);
    one->run([weak = weak_from_this(), one = one.get()] {
      if (auto self = weak.lock())
        std::erase_if(self->connections_,
                      [=](auto& x) { return x.get() == one; });
    });
  }

  void close_all() {
    if (std::exchange(stopped_, true))
      return;
    std::error_code ignored; // it is going anyway
    acceptor_.close(ignored);
    pause_.cancel();
    for (auto& x : std::unordered_set{connections_})
      x->shut_down("the server stops");
  }

  const agent_server_config config_;
  hello_handler on_hello_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::unordered_set<std::shared_ptr<connection>> connections_;
  bool stopped_ = false;
};

agent_server::agent_server(asio::io_context& io, agent_server_config config,
                           hello_handler on_hello)
  : impl_(std::make_shared<impl>(io, std::move(config), std::move(on_hello))) {
  impl_->accept();
}

agent_server::~agent_server() {
  impl_->stop();
}

std::uint16_t agent_server::port() const noexcept {
  return impl_->port();
}

void agent_server::stop() {
  impl_->stop();
}

} // namespace hearth::link
