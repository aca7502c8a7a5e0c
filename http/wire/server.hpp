/// The HTTP server. It runs on an io_context that it shares with other parts;
/// the composition root owns it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include <asio/io_context.hpp>

#include "conf/settings.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// Only one thread may run the io_context. Make, start and destroy the server
/// while that thread does not run, or on that thread. Destroy it before the
/// actor system and the io_context. Actors may answer at any time, also
/// afterwards. An actor of the pool lives until the actor that it asked has
/// answered or ended, so no asked actor may drop a promise.
class server {
public:
  /// @param drivers a part that is asked only for its status; may be null
  server(asio::io_context& io, conf::http_settings settings,
         caf::actor_system& system, actor_handles actors,
         body_parsers parse = {}, deadlines wait = {},
         status_actor drivers = {});
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Begins to listen.
  /// @throws std::runtime_error that says where it cannot listen, and why
  void start();

  /// Returns the port that it listens on. Valid after `start`.
  std::uint16_t port() const noexcept;

  /// Stops in order: accepts no more connections, refuses new requests on open
  /// ones, and waits until the requests under way are answered. When the
  /// deadline is over, answers them with 503. Idle connections are closed with
  /// the io_context. Any thread may call it.
  /// @param on_drained called once, on the io_context's thread, when every
  ///        answer is written. The io_context must run until then.
  void stop(milliseconds deadline, std::function<void()> on_drained);

  /// Drops all handles of actors. Requests that still arrive or still wait get
  /// no answer. Call it on the io_context's thread.
  void release();

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

/// The time-outs and hard limits that RESTinio gets. Beyond a hard limit,
/// RESTinio closes the connection without an answer. So each hard limit is well
/// above the limit at which the server answers.
struct hard_limits {
  std::size_t url;
  std::size_t header_field;
  std::size_t body;
  milliseconds read;   ///< of a whole request and the idle time before it
  milliseconds handle; ///< from a request to its answer
  milliseconds write;  ///< of one block of an answer
  milliseconds check;  ///< how often time-outs are checked
};

hard_limits hard_limits_of(const conf::http_settings& settings,
                           const deadlines& wait) noexcept;

} // namespace hearth::http
