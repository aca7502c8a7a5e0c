#include "tests/http/test_server.hpp"

#include <asio/executor_work_guard.hpp>

namespace hearth::test {

test_server::test_server(conf::http_settings settings, http::deadlines wait)
  : io_(std::make_unique<asio::io_context>(1)) {
  settings.port = 0;
  actors_ = {system_.spawn(fake_supervisor, &todo),
             system_.spawn(fake_binaries, &todo),
             system_.spawn(fake_store),
             system_.spawn(fake_data),
             system_.spawn(fake_results, &todo),
             system_.spawn(fake_callbacks),
             system_.spawn(progress),
             system_.spawn(logs, "/nowhere")};
  server_ = std::make_unique<http::server>(*io_, settings, system_, actors_,
                                           fake_parsers(), wait);
  server_->start();
  thread_ = std::thread([this] {
    auto guard = asio::make_work_guard(*io_);
    io_->run();
  });
}

test_server::~test_server() {
  destroy();
  caf::anon_send_exit(actors_.supervisor, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(actors_.binaries, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(actors_.store, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(actors_.data, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(actors_.results, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(actors_.callbacks, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(actors_.progress, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(actors_.logs, caf::exit_reason::user_shutdown);
  actors_ = {};
  // Who asked for these would wait for its deadline, and the system for it.
  todo.held.clear();
}

std::future<void> test_server::stop(std::chrono::milliseconds deadline) {
  auto drained = std::make_shared<std::promise<void>>();
  server_->stop(deadline, [drained] { drained->set_value(); });
  return drained->get_future();
}

void test_server::destroy() {
  if (!server_)
    return;
  io_->stop();
  thread_.join();
  server_.reset();
  io_.reset();
}

} // namespace hearth::test
