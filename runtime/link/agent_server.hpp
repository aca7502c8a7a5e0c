/// The agent port: accepts agents' connections on an io_context, by TCP and by
/// a Unix socket. Agents that run on this machine as the server's user come by
/// the Unix socket, which costs both sides less.
///
/// Anyone can connect to the port, so a connection counts as a newcomer until
/// its context has accepted it. There is room for a few newcomers only: if one
/// more comes, the oldest one is closed. An agent says hello at once, so it is
/// let in however many strangers hold idle connections.
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
  /// Path of the Unix socket, absolute; "": none. Its folder is made if it is
  /// not there, has to belong to this user, and is closed to all others; see
  /// socket_file.hpp.
  std::string socket;
  std::chrono::milliseconds heartbeat{5000};
  /// That ends a connection; at least a heartbeat.
  std::chrono::milliseconds silence{15000};
  std::chrono::milliseconds hello_timeout{10000};
  std::size_t max_connections = 4096; ///< further ones are closed at once
  /// Of each of the two ways in; fewer if the process may open few files.
  std::size_t max_newcomers = 64;
  /// Bytes read from one agent and not yet handled, before reading pauses.
  std::size_t max_unhandled = 4 * 1024 * 1024;
  std::size_t max_queued = 64 * 1024 * 1024; ///< bytes unsent to one agent
  /// Takes a connection from a listening socket, as accept4 does. Null: accept4
  /// itself. Tests play the errors of the system with it.
  std::function<int(int listening)> accept;
};

/// Runs on the io_context's one thread only; construct and destroy it while
/// that thread does not run, or on it, and before the io_context ends.
class agent_server {
public:
  /// Listens at once. If there can be no Unix socket, it logs why and goes
  /// without, for agents can come by TCP.
  /// @throws std::system_error if the address is taken
  agent_server(asio::io_context& io, agent_server_config config,
               hello_handler on_hello);
  ~agent_server();

  agent_server(const agent_server&) = delete;
  agent_server& operator=(const agent_server&) = delete;

  /// The port it listens on.
  std::uint16_t port() const noexcept;

  /// The path of the Unix socket that it listens on, or "".
  const std::string& socket() const noexcept;

  /// Reads what busy agents have sent and writes what is due to them, without
  /// waiting for the io_context to come to their sockets. Call it on the
  /// io_context's thread.
  void look();

  /// Stops accepting and closes every connection, at once: what an agent was
  /// too slow to take is lost. Any thread.
  void stop();

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace hearth::link
