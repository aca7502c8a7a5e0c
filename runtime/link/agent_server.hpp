/// The agent port: accepts agents' connections on an io_context, by TCP and, of
/// agents of this machine and user, by a Unix socket, which costs both sides
/// less. All limits hold for both together.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <asio/io_context.hpp>

#include "runtime/link/agent_link.hpp"

namespace hearth::link {

struct agent_server_config {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0; ///< 0: any free one
  /// Path of the Unix socket, absolute; "": none. What is there is removed, so
  /// it has to be this server's alone. Only this user may connect.
  std::string socket;
  std::chrono::milliseconds heartbeat{5000};
  /// That ends a connection; at least a heartbeat.
  std::chrono::milliseconds silence{15000};
  std::chrono::milliseconds hello_timeout{10000};
  std::size_t max_connections = 4096; ///< further ones are closed at once
  std::size_t max_queued = 64 * 1024 * 1024; ///< bytes unsent to one agent
};

/// Runs on the io_context's one thread only; construct and destroy it while
/// that thread does not run, or on it, and before the io_context ends.
class agent_server {
public:
  /// Listens at once. Without the Unix socket, if it cannot be made, for agents
  /// can do without. @throws std::system_error if the address is taken
  agent_server(asio::io_context& io, agent_server_config config,
               hello_handler on_hello);
  ~agent_server();

  agent_server(const agent_server&) = delete;
  agent_server& operator=(const agent_server&) = delete;

  /// The port it listens on.
  std::uint16_t port() const noexcept;

  /// The path of the Unix socket that it listens on, or "".
  const std::string& socket() const noexcept;

  /// Reads what agents that are busy have sent, and writes what is due to them,
  /// without waiting for the io_context to come to their sockets. On its
  /// thread.
  void look();

  /// Stops accepting and closes every connection, at once: what an agent was
  /// too slow to take is lost. Any thread.
  void stop();

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace hearth::link
