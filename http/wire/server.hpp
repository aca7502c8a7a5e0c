/// The HTTP server on an io_context that it shares with others.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include <asio/io_context.hpp>

#include "conf/settings.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// Construct, start and destroy it while the io_context's thread does not
/// run, or on that thread; one thread runs the io_context. Destroy it before
/// the actor system and the io_context; actors may answer at any time, also
/// later. The actors that it asked live until those they asked have answered or
/// ended, so these must not drop a promise.
class server {
public:
  /// @param drivers a part that is only asked how it is; may be null
  server(asio::io_context& io, conf::http_settings settings,
         caf::actor_system& system, actor_handles actors,
         body_parsers parse = {}, deadlines wait = {},
         status_actor drivers = {});
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Listens. @throws std::runtime_error that says where it cannot, and why
  void start();

  /// The port it listens on, once started.
  std::uint16_t port() const noexcept;

  /// Stops in order: accepts no more, refuses new requests on connections that
  /// live, lets what is under way be answered, answers it with 503 when the
  /// deadline is over. Idle connections are closed with the io_context.
  /// @param on_drained called once, on the io_context's thread, when every
  ///        answer was written. The io_context must run until then.
  /// Any thread.
  void stop(milliseconds deadline, std::function<void()> on_drained);

  /// Lets go of all actors: requests that still come are refused without an
  /// answer, and so are those that still wait for one. On the io_context's
  /// thread.
  void release();

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

/// The time-outs and hard limits that RESTinio gets. Beyond a hard limit it
/// closes the connection without an answer, so each lies well above the limit
/// at which we answer.
struct hard_limits {
  std::size_t url;
  std::size_t header_field;
  std::size_t body;
  milliseconds read;   ///< of a whole request, idle time before it included
  milliseconds handle; ///< from a request to its answer
  milliseconds write;  ///< of one block of an answer
  milliseconds check;  ///< how often time-outs are looked at
};

hard_limits hard_limits_of(const conf::http_settings& settings,
                           const deadlines& wait) noexcept;

} // namespace hearth::http
