#include "runtime/link/agent_server.hpp"

#include <fcntl.h>
#include <utility>
#include <vector>

#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <spdlog/spdlog.h>

#include "base/loop_watch.hpp"
#include "runtime/link/connection.hpp"
#include "runtime/link/listener.hpp"
#include "runtime/link/socket_file.hpp"

namespace hearth::link {

namespace {

using asio::ip::tcp;

void close_on_exec(int fd) {
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

tcp::acceptor listen_on_port(asio::io_context& io,
                             const agent_server_config& config) {
  tcp::endpoint endpoint{asio::ip::make_address(config.address), config.port};
  tcp::acceptor result{io, endpoint.protocol()};
  close_on_exec(result.native_handle());
  result.set_option(tcp::acceptor::reuse_address(true));
  result.bind(endpoint);
  result.listen();
  return result;
}

} // namespace

class agent_server::impl {
public:
  impl(asio::io_context& io, agent_server_config config, hello_handler on_hello)
    : io_(io), hub_(std::make_shared<hub>(io.get_executor())) {
    hub_->config = std::move(config);
    hub_->on_hello = std::move(on_hello);
    auto port = listen_on_port(io, hub_->config);
    port_ = port.local_endpoint().port();
    add(std::move(port));
    if (!hub_->config.socket.empty())
      listen_on_file();
  }

  void shut() {
    file_.remove();
    for (const auto& x : listeners_)
      x->close();
    // This needs a copy, because each connection removes itself from the set.
    for (const auto& x : std::set{hub_->connections})
      x->close("the server stops");
    hub_->log.close();
  }

  void look() {
    auto now = connection::clock::now();
    // This needs a copy, because reading may close connections, which removes
    // them.
    looked_at_.assign(hub_->connections.begin(), hub_->connections.end());
    for (const auto& x : looked_at_)
      x->look(now);
    looked_at_.clear();
  }

  asio::io_context& io() {
    return io_;
  }

  std::uint16_t port() const {
    return port_;
  }

  const std::string& socket() const {
    return socket_;
  }

private:
  void add(listener::acceptor x) {
    listeners_.push_back(std::make_shared<listener>(std::move(x), hub_));
    listeners_.back()->start();
  }

  void listen_on_file() {
    const auto& path = hub_->config.socket;
    try {
      add(link::listen_on_file(io_, path));
      socket_ = path;
      file_ = socket_remover{path};
    } catch (const std::exception& e) {
      spdlog::warn("agents come by TCP alone, for there can be no Unix socket: "
                   "{}",
                   e.what());
    }
  }

  asio::io_context& io_;
  std::shared_ptr<hub> hub_;
  std::vector<std::shared_ptr<listener>> listeners_;
  std::vector<std::shared_ptr<connection>> looked_at_; ///< by `look`, now
  std::uint16_t port_ = 0;
  std::string socket_; ///< "" if there is none
  socket_remover file_;
};

agent_server::agent_server(asio::io_context& io, agent_server_config config,
                           hello_handler on_hello)
  : impl_(std::make_shared<impl>(io, std::move(config), std::move(on_hello))) {
  // nop
}

agent_server::~agent_server() {
  impl_->shut();
}

std::uint16_t agent_server::port() const noexcept {
  return impl_->port();
}

const std::string& agent_server::socket() const noexcept {
  return impl_->socket();
}

void agent_server::look() {
  impl_->look();
}

void agent_server::stop() {
  asio::post(impl_->io(), [impl = impl_] {
    name_work("closing the agent port");
    impl->shut();
  });
}

} // namespace hearth::link
