/// The agent port: accepts agents' connections on an io_context, by TCP and by
/// a Unix socket. Agents that run on this machine as the server's user use the
/// Unix socket, which costs both sides less. The composition root owns it.
///
/// Anyone can connect to the port, so a connection is a newcomer until its
/// context has accepted it. There is room for only a few newcomers: if one more
/// connects, the oldest one is closed. Agents say hello at once, so they are
/// accepted however many strangers hold idle connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <asio/io_context.hpp>

#include "runtime/link/agent_link.hpp"

namespace hearth::link {

struct agent_server_config {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0; ///< 0: any free one
  /// Absolute path of the Unix socket; "" for none. Its folder is made if it is
  /// missing, has to belong to this user, and is closed to all others; see
  /// socket_file.hpp.
  std::string socket;
  std::chrono::milliseconds heartbeat{5000};
  /// How long an agent may be silent before its connection is closed; at least
  /// as long as `heartbeat`.
  std::chrono::milliseconds silence{15000};
  std::chrono::milliseconds hello_timeout{10000};
  std::size_t max_connections = 4096; ///< further ones are closed at once
  /// Limit for TCP and for the Unix socket each. It is lower if the process may
  /// open only few files.
  std::size_t max_newcomers = 64;
  /// How many bytes of one agent may be unhandled before reading pauses.
  std::size_t max_unhandled = 4 * 1024 * 1024;
  /// How many bytes of files one agent may have asked for that are not yet
  /// written to it. Further requests for files wait.
  std::size_t max_file_answers = 4 * 1024 * 1024;
  std::size_t max_queued = 64 * 1024 * 1024; ///< unsent bytes for one agent
  /// Accepts a connection from a listening socket, as accept4 does. Null:
  /// accept4 itself. Tests use it to simulate errors of the system.
  std::function<int(int listening)> accept;
};

/// Runs only on the one thread of the io_context. Make and destroy it on that
/// thread, or while that thread does not run, and before the io_context ends.
class agent_server {
public:
  /// Listens at once. If the Unix socket cannot be made, logs why and goes on
  /// without it, because agents can connect by TCP.
  /// @throws std::system_error if the address is taken
  agent_server(asio::io_context& io, agent_server_config config,
               hello_handler on_hello);
  ~agent_server();

  agent_server(const agent_server&) = delete;
  agent_server& operator=(const agent_server&) = delete;

  /// Returns the TCP port that it listens on.
  std::uint16_t port() const noexcept;

  /// Returns the path of the Unix socket that it listens on, or "".
  const std::string& socket() const noexcept;

  /// Reads from busy agents and writes to them now, without waiting until the
  /// io_context comes to their sockets. Call it on the io_context's thread.
  void look();

  /// Stops accepting and closes every connection at once. Bytes that an agent
  /// was too slow to take are lost. Any thread may call it.
  void stop();

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace hearth::link
