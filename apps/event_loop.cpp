#include "apps/event_loop.hpp"

#include <memory>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <caf/all.hpp>

#include "base/loop_watch.hpp"

namespace hearth {

namespace {

using clock = std::chrono::steady_clock;

/// CAF can only wait for the end of all actors without a limit.
bool await_actors(caf::actor_system& system, clock::time_point until) {
  constexpr std::chrono::milliseconds look_again{1};
  while (system.registry().running() > 0) {
    if (clock::now() >= until)
      return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

} // namespace

event_loop::event_loop() : system_(config_.run_actors_on(io_)) {
  // nop
}

void event_loop::start(loop_settings settings) {
  if (thread_.joinable())
    return;
  std::promise<void> ended;
  ended_ = ended.get_future();
  thread_ = std::thread{
    [this, settings = std::move(settings), ended = std::move(ended)]() mutable {
      // Actors that end late run here, too, when all sockets are closed.
      auto until_stopped = asio::make_work_guard(io_);
      run_io(io_, system_, settings);
      ended.set_value();
    }};
}

bool event_loop::run_there(std::function<void()> f, milliseconds limit) {
  auto done = std::make_shared<std::promise<void>>();
  auto result = done->get_future();
  asio::post(io_, [f = std::move(f), done] {
    name_work("a step of the start or the stop");
    f();
    done->set_value();
  });
  return result.wait_for(limit) == std::future_status::ready;
}

bool event_loop::stop(milliseconds limit) {
  start();
  auto until = clock::now() + limit;
  if (!await_actors(system_, until))
    return false;
  io_.stop();
  if (ended_.valid()
      && ended_.wait_until(until + milliseconds{10})
           != std::future_status::ready)
    return false;
  if (thread_.joinable())
    thread_.join();
  return true;
}

} // namespace hearth
