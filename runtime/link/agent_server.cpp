#include "runtime/link/agent_server.hpp"

#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include "runtime/link/connection.hpp"

namespace hearth::link {

namespace {

using asio::ip::tcp;
using local = asio::local::stream_protocol;
using any_acceptor = asio::basic_socket_acceptor<stream>;

/// How long to wait when accepting fails, e.g. for want of descriptors.
constexpr std::chrono::milliseconds accept_pause{100};

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

/// @throws std::system_error if the path is too long, or nothing can be made
/// there
local::acceptor listen_on_file(asio::io_context& io, const std::string& path) {
  local::endpoint endpoint{path};
  local::acceptor result{io, endpoint.protocol()};
  close_on_exec(result.native_handle());
  // The file is made with the mode that the socket has: nobody else can ever
  // connect. A change of the umask would be seen by other threads.
  if (::fchmod(result.native_handle(), S_IRUSR | S_IWUSR) != 0)
    throw std::system_error(errno, std::generic_category());
  ::unlink(path.c_str()); // left by a server that was killed
  result.bind(endpoint);
  result.listen();
  return result;
}

/// Lets agents in that come to one socket.
class listener : public std::enable_shared_from_this<listener> {
public:
  listener(any_acceptor acceptor, std::shared_ptr<hub> hub)
    : acceptor_(std::move(acceptor)), pause_(acceptor_.get_executor()),
      hub_(std::move(hub)) {}

  void accept() {
    acceptor_.async_accept(
      [self = shared_from_this()](asio::error_code ec, stream::socket socket) {
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
  }

private:
  void take(stream::socket socket) {
    close_on_exec(socket.native_handle());
    if (hub_->connections.size() >= hub_->config.max_connections) {
      spdlog::warn("agent port: more than {} connections",
                   hub_->config.max_connections);
      return;
    }
    // The peer may be gone already; reading will tell. A Unix socket knows no
    // delay.
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

  any_acceptor acceptor_;
  asio::steady_timer pause_;
  std::shared_ptr<hub> hub_;
};

} // namespace

class agent_server::impl {
public:
  impl(asio::io_context& io, agent_server_config config, hello_handler on_hello)
    : io_(io), hub_(std::make_shared<hub>()) {
    hub_->config = std::move(config);
    hub_->on_hello = std::move(on_hello);
    auto port = listen_on_port(io, hub_->config);
    port_ = port.local_endpoint().port();
    add(std::move(port));
    if (!hub_->config.socket.empty())
      listen_on_file();
  }

  void shut() {
    remove_file();
    for (const auto& x : listeners_)
      x->shut();
    // A copy, for each takes itself out.
    for (const auto& x : std::set{hub_->connections})
      x->close("the server stops");
  }

  void look() {
    auto now = connection::clock::now();
    // What comes may close connections, and so take them out.
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
  void add(any_acceptor x) {
    listeners_.push_back(std::make_shared<listener>(std::move(x), hub_));
    listeners_.back()->accept();
  }

  void listen_on_file() {
    const auto& path = hub_->config.socket;
    try {
      add(link::listen_on_file(io_, path));
      socket_ = path;
      if (struct stat x{}; ::stat(path.c_str(), &x) == 0)
        file_ = x;
    } catch (const std::system_error& e) {
      spdlog::info("agents come by TCP alone, for there can be no socket {}: "
                   "{}",
                   path, e.code().message());
    }
  }

  /// While the socket is open, so that no other file can have its number.
  void remove_file() {
    auto ours = std::exchange(file_, std::nullopt);
    struct stat found {};
    if (ours && ::stat(socket_.c_str(), &found) == 0
        && found.st_ino == ours->st_ino && found.st_dev == ours->st_dev)
      ::unlink(socket_.c_str());
  }

  asio::io_context& io_;
  std::shared_ptr<hub> hub_;
  std::vector<std::shared_ptr<listener>> listeners_;
  std::vector<std::shared_ptr<connection>> looked_at_; ///< by `look`, now
  std::uint16_t port_ = 0;
  std::string socket_; ///< "" if there is none
  /// The socket's, for a later server may have its path.
  std::optional<struct stat> file_;
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
  asio::post(impl_->io(), [impl = impl_] { impl->shut(); });
}

} // namespace hearth::link
