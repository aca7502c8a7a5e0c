#include "runtime/link/listener.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <asio/ip/tcp.hpp>

#include "base/loop_watch.hpp"

namespace hearth::link {

namespace {

/// How long to wait when nothing can be accepted.
constexpr std::chrono::milliseconds accept_pause{100};

int system_accept(int listening) {
  return ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

bool is_want_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS
         || error == ENOMEM;
}

/// Whether a connection waits. Without free descriptors `accept` fails even if
/// none does.
bool has_pending(int listening) {
  pollfd x{listening, POLLIN, 0};
  return ::poll(&x, 1, 0) == 1;
}

/// The connection was lost before it was taken (see accept(2)), or the call was
/// interrupted: the next one may be good.
bool is_passing(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPERM:
    case ENETDOWN:
    case EPROTO:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ENETUNREACH:
      return true;
    default:
      return false;
  }
}

} // namespace

listener::listener(acceptor x, std::shared_ptr<hub> hub)
  : acceptor_(std::move(x)), protocol_(acceptor_.local_endpoint().protocol()),
    pause_(acceptor_.get_executor()), hub_(std::move(hub)),
    newcomers_(std::make_shared<newcomers<connection>>(
      newcomers_by_limit(hub_->config.max_newcomers))),
    reserve_(reserve_by_limit()),
    at_once_(std::max<std::size_t>(reserve_by_limit() / 2, 1)) {
  if (!hub_->config.accept)
    hub_->config.accept = system_accept;
}

void listener::start() {
  acceptor_.non_blocking(true);
  wait();
}

void listener::close() {
  asio::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

void listener::wait() {
  acceptor_.async_wait(asio::socket_base::wait_read,
                       [self = shared_from_this()](asio::error_code ec) {
                         name_work("accepting an agent");
                         if (!self->acceptor_.is_open())
                           return;
                         if (ec)
                           return self->pause();
                         self->accept();
                       });
}

void listener::accept() {
  reserve_.refill();
  try {
    for (std::size_t i = 0; i < at_once_ && accept_one(); ++i)
      ;
  } catch (const std::exception& e) {
    hub_->log.warn(std::string{"cannot take a connection: "} + e.what());
    pause();
  }
  if (acceptor_.is_open() && !pausing_)
    wait();
}

/// @returns whether another one may be waiting
bool listener::accept_one() {
  auto fd = hub_->config.accept(acceptor_.native_handle());
  if (fd < 0)
    return failed(errno);
  take(fd);
  return acceptor_.is_open();
}

bool listener::failed(int error) {
  if (error == EAGAIN || error == EWOULDBLOCK)
    return false;
  if (is_passing(error))
    return true;
  if (!has_pending(acceptor_.native_handle()))
    return false;
  hub_->log.warn("cannot accept a connection: "
                 + std::generic_category().message(error));
  if (is_want_of_resources(error) && make_room())
    return true;
  pause();
  return false;
}

/// @returns whether accepting can be tried again at once
bool listener::make_room() {
  if (auto x = newcomers_->next_to_go()) {
    x->close("there were no descriptors or no memory for a newer one");
    return true;
  }
  return reserve_.release_one();
}

void listener::take(int fd) {
  stream::socket socket{acceptor_.get_executor()};
  asio::error_code ec;
  socket.assign(protocol_, fd, ec);
  if (ec) {
    ::close(fd);
    throw std::system_error(ec);
  }
  if (hub_->connections.size() >= hub_->config.max_connections)
    return hub_->log.warn("there are "
                          + std::to_string(hub_->config.max_connections)
                          + " connections already, a new one was closed");
  // If the peer is gone already, reading will show it. A Unix socket does not
  // have this option.
  socket.set_option(asio::ip::tcp::no_delay(true), ec);
  socket.non_blocking(true, ec);
  std::make_shared<connection>(std::move(socket), hub_, newcomers_)->start();
  if (!newcomers_->over_limit())
    return;
  newcomers_->next_to_go()->close(
    "more than " + std::to_string(newcomers_->most())
    + " connections have not proven themselves, and this was the oldest");
}

void listener::pause() {
  if (std::exchange(pausing_, true))
    return;
  pause_.expires_after(accept_pause);
  pause_.async_wait([self = shared_from_this()](asio::error_code ec) {
    name_work("accepting an agent");
    self->pausing_ = false;
    if (!ec && self->acceptor_.is_open())
      self->accept();
  });
}

} // namespace hearth::link
