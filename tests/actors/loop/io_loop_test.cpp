#include <functional>
#include <string>
#include <thread>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include "actors/loop/io_loop.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

spin_policy after(int waits, std::chrono::nanoseconds time) {
  spin_policy result;
  for (int i = 0; i < waits; ++i)
    result.waited(time);
  return result;
}

} // namespace

TEST_CASE("a thread stays awake while things come one after the other") {
  CHECK_FALSE(spin_policy{}.pays());
  CHECK_FALSE(after(1, 20us).pays());
  CHECK(after(100, 20us).pays());
  CHECK_FALSE(after(100, 2ms).pays());
  CHECK_FALSE(after(100, 300us).pays());
}

TEST_CASE("a thread that had nothing to do for a while sleeps at once, one "
          "pause does not count") {
  auto state = after(100, 20us);
  state.waited(1h);
  CHECK(state.pays());
  state.waited(1h);
  CHECK_FALSE(state.pays());
}

TEST_CASE("a loop runs all that comes, awake or not, until it is stopped") {
  for (auto awake : {false, true}) {
    CAPTURE(awake);
    asio::io_context io{1};
    auto until_stopped = asio::make_work_guard(io);
    int calls = 0;
    std::function<void()> again = [&] {
      if (++calls < 1000)
        asio::post(io, again);
      else
        io.stop();
    };
    // From elsewhere, some while the loop looks out and some while it sleeps.
    std::thread other{[&] {
      for (int i = 0; i < 100; ++i)
        asio::post(io, [&] { ++calls; });
      asio::post(io, again);
    }};
    run_io(io, {awake});
    other.join();
    CHECK(calls == 1000);
    CHECK(io.stopped());
  }
}

TEST_CASE("a loop ends when there is nothing left to do, awake or not") {
  for (auto awake : {false, true}) {
    CAPTURE(awake);
    asio::io_context io{1};
    asio::steady_timer timer{io, 1ms};
    auto expired = false;
    timer.async_wait([&](auto) { expired = true; });
    run_io(io, {awake});
    CHECK(expired);
  }
}

TEST_CASE("all that is ready is handled before what comes between, in rounds "
          "that end") {
  asio::io_context io{1};
  std::string order;
  for (std::size_t i = 0; i < longest_round + 2; ++i)
    asio::post(io, [&] { order += 'h'; });
  loop_settings how;
  how.after_round = [&] {
    order += 'b';
    return false;
  };
  how.after_full_round = [&] { order += 'u'; };
  run_io(io, how);
  auto round = std::string(longest_round, 'h') + "ub";
  CHECK(order.substr(0, round.size() + 3) == round + "hhb");
}

TEST_CASE("a loop does not sleep while there is something to do between") {
  asio::io_context io{1};
  auto until_stopped = asio::make_work_guard(io);
  loop_settings how;
  int calls = 0;
  how.after_round = [&] {
    if (++calls == 1000)
      io.stop();
    return true;
  };
  run_io(io, how);
  CHECK(calls == 1000);
}
