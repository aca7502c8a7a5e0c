/// Accepts the connections of one listening socket. Internal to runtime/link.
#pragma once

#include <memory>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/steady_timer.hpp>

#include "runtime/link/connection.hpp"
#include "runtime/link/descriptor_reserve.hpp"

namespace hearth::link {

/// After any error of `accept` it waits a moment and tries again. If the system
/// is out of descriptors or memory, it closes the oldest newcomer; when there
/// are no newcomers left, it uses a descriptor of the reserve.
///
/// It accepts a few connections at a time, fewer than the reserve has, and lets
/// the io_context go on in between. So each connection can say hello before the
/// next ones push it out.
class listener : public std::enable_shared_from_this<listener> {
public:
  using acceptor = asio::basic_socket_acceptor<stream>;

  listener(acceptor x, std::shared_ptr<hub> hub);

  void start();
  void close();

private:
  void wait();
  void accept();
  bool accept_one();
  bool failed(int error);
  void take(int fd);
  bool make_room();
  void pause();

  acceptor acceptor_;
  const stream protocol_;
  asio::steady_timer pause_;
  std::shared_ptr<hub> hub_;
  newcomers_ptr newcomers_;
  descriptor_reserve reserve_;
  std::size_t at_once_;
  bool pausing_ = false;
};

} // namespace hearth::link
