#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "apps/actor_system.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

/// Actors on an io_context with a thread of its own.
struct io_fixture {
  ~io_fixture() {
    self->await_all_other_actors_done();
    io.stop();
    thread.join();
  }

  /// Answers a number with that number, and with the thread that it ran on.
  caf::actor spawn_echo() {
    return system.spawn([this](caf::event_based_actor*) {
      return caf::behavior{[this](int x) {
        elsewhere += std::this_thread::get_id() == thread.get_id() ? 0 : 1;
        return x;
      }};
    });
  }

  int ask(const caf::actor& x, int number) {
    int result = 0;
    self->request(x, 10s, number)
      .receive([&](int y) { result = y; }, [](caf::error&) {});
    return result;
  }

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{
    io.get_executor()};
  system_config config;
  caf::actor_system system{config.run_actors_on(io)};
  std::thread thread{[this] { run_io(io, system, {}); }};
  caf::scoped_actor self{system};
  std::atomic<int> elsewhere = 0;
};

} // namespace

TEST_CASE_FIXTURE(io_fixture, "actors run on the io_context's thread alone") {
  auto first = spawn_echo();
  auto second = spawn_echo();
  for (int i = 1; i <= 1000; ++i)
    REQUIRE(ask(i % 2 == 0 ? first : second, i) == i);
  CHECK(elsewhere == 0);
  caf::anon_send_exit(first, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(second, caf::exit_reason::user_shutdown);
}

TEST_CASE_FIXTURE(io_fixture, "an actor that always has work lets others run") {
  auto busy = system.spawn([](caf::event_based_actor* actor) {
    actor->send(actor, 1);
    return caf::behavior{[=](int x) { actor->send(actor, x); }};
  });
  auto other = spawn_echo();
  CHECK(ask(other, 7) == 7);
  // And the sockets: this is a handler of the io_context as theirs are.
  std::atomic<bool> ran = false;
  asio::post(io, [&] {
    ran = true;
    ran.notify_one();
  });
  ran.wait(false);
  caf::anon_send_exit(busy, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
}

namespace {

/// Actors on an io_context that the test runs itself.
struct own_loop {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{
    io.get_executor()};
  system_config config;
  caf::actor_system system{config.run_actors_on(io)};
  std::vector<std::string> order;
};

} // namespace

TEST_CASE_FIXTURE(own_loop, "what handlers have begun goes on, from actor to "
                            "actor, before the next round of them") {
  caf::actor second = system.spawn([&](caf::event_based_actor* actor) {
    return caf::behavior{[&, actor](int) {
      order.emplace_back("second actor");
      actor->quit();
    }};
  });
  caf::actor first = system.spawn([&](caf::event_based_actor* actor) {
    return caf::behavior{[&, actor](int x) {
      order.emplace_back("first actor");
      actor->send(second, x);
      actor->quit();
    }};
  });
  asio::post(io, [&] {
    order.emplace_back("handler");
    caf::anon_send(first, 1);
  });
  // Before these, one handler has woken the actors.
  for (std::size_t i = 3; i < longest_round; ++i)
    asio::post(io, [] {});
  asio::post(io, [&] { order.emplace_back("same round"); });
  asio::post(io, [&] {
    order.emplace_back("next round");
    io.stop();
  });
  run_io(io, system, {});
  CHECK(order
        == std::vector<std::string>{"handler", "same round", "first actor",
                                    "second actor", "next round"});
}

TEST_CASE_FIXTURE(own_loop, "what is asked for between rounds is done when the "
                            "actors rest, and they go on with it") {
  auto echo = system.spawn([&](caf::event_based_actor* actor) {
    return caf::behavior{[&, actor](int x) {
      order.push_back("message " + std::to_string(x));
      if (x == 3) {
        actor->quit();
        io.stop();
      }
    }};
  });
  loop_settings how;
  how.after_round = [&] {
    if (order.size() != 2)
      return false;
    order.emplace_back("between");
    caf::anon_send(echo, 3);
    return true;
  };
  asio::post(io, [&] {
    caf::anon_send(echo, 1);
    caf::anon_send(echo, 2);
  });
  run_io(io, system, how);
  CHECK(order
        == std::vector<std::string>{"message 1", "message 2", "between",
                                    "message 3"});
}

TEST_CASE_FIXTURE(io_fixture, "messages from many threads all arrive") {
  constexpr int senders = 8;
  constexpr int each = 2000;
  auto sum = system.spawn([](caf::event_based_actor*) {
    auto total = std::make_shared<int>(0);
    return caf::behavior{[=](int x) { *total += x; },
                         [=](caf::unit_t) { return *total; }};
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < each; ++n)
        caf::anon_send(sum, 1);
    });
  for (auto& x : threads)
    x.join();
  int found = 0;
  self->request(sum, 10s, caf::unit)
    .receive([&](int x) { found = x; }, [](caf::error&) {});
  CHECK(found == senders * each);
  caf::anon_send_exit(sum, caf::exit_reason::user_shutdown);
}
