/// A server over stand-ins for its actors.
#pragma once

#include <future>
#include <memory>
#include <thread>

#include <asio/io_context.hpp>

#include "http/wire/server.hpp"
#include "tests/http/fakes.hpp"

namespace hearth::test {

/// A server over fakes on a free port of 127.0.0.1, its io_context on a thread.
class test_server {
public:
  explicit test_server(conf::http_settings settings = {},
                       http::deadlines wait = {});
  ~test_server();

  std::uint16_t port() const noexcept {
    return server_->port();
  }

  /// Starts the orderly stop.
  std::future<void> stop(std::chrono::milliseconds deadline);

  /// Ends the io_context's thread and destroys server and io_context.
  void destroy();

  script todo;

private:
  system_config config_;
  std::unique_ptr<asio::io_context> io_;
  caf::actor_system system_{config_};
  actor_handles actors_;
  std::unique_ptr<http::server> server_;
  std::thread thread_;
};

} // namespace hearth::test
