#include <future>
#include <thread>

#include <asio/executor_work_guard.hpp>
#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "actors/loop/coalescing_clock.hpp"
#include "apps/actor_system.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

struct clock_fixture {
  ~clock_fixture() {
    self->await_all_other_actors_done();
    io.stop();
    thread.join();
  }

  coalescing_clock& clock() {
    return dynamic_cast<coalescing_clock&>(system.clock());
  }

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{
    io.get_executor()};
  system_config config;
  caf::actor_system system{config.run_actors_on(io)};
  std::thread thread{[this] { run_io(io, system, {}); }};
  caf::scoped_actor self{system};
};

/// A message with this content runs a function when it is destroyed.
struct last_words {
  std::shared_ptr<void> say;
};

last_words when_destroyed(std::function<void()> f) {
  return {std::shared_ptr<void>{nullptr, [f = std::move(f)](void*) { f(); }}};
}

} // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(last_words)

TEST_CASE_FIXTURE(clock_fixture, "a delayed message comes") {
  self->delayed_send(self, 60min, 1);
  self->delayed_send(self, 1ms, 2); // before the one that is waited for
  int first = 0;
  self->receive([&](int x) { first = x; });
  CHECK(first == 2);
}

TEST_CASE_FIXTURE(clock_fixture, "a request without an answer times out") {
  auto silent = system.spawn([](caf::event_based_actor* silent) {
    auto open = std::make_shared<caf::response_promise>();
    return caf::behavior{[=](int) { *open = silent->make_response_promise(); }};
  });
  auto failed = false;
  self->request(silent, 1ms, 1)
    .receive([] {},
             [&](caf::error& e) { failed = e == caf::sec::request_timeout; });
  CHECK(failed);
  caf::anon_send_exit(silent, caf::exit_reason::user_shutdown);
}

TEST_CASE_FIXTURE(clock_fixture,
                  "an actor that cancels its time-outs leaves nothing behind") {
  auto done = system.spawn([](caf::event_based_actor* actor) {
    actor->delayed_send(actor, 60min, 1);
    caf::actor me = actor;
    actor->request(me, 60min, 2).then([](int) {}, [](caf::error&) {});
    return caf::behavior{[=](int x) {
      if (x == 1)
        actor->home_system().clock().cancel_timeouts(actor);
      return x;
    }};
  });
  self->request(done, caf::infinite, 1).receive([](int) {}, [](caf::error&) {});
  CHECK(clock().waiting() == 0);
  caf::anon_send_exit(done, caf::exit_reason::user_shutdown);
}

TEST_CASE_FIXTURE(clock_fixture, "the clock can be used while it delivers") {
  caf::actor dead = system.spawn([](caf::event_based_actor* x) { x->quit(); });
  self->wait_for(dead);
  std::promise<void> delivering;
  std::promise<void> go_on;
  // The thread that delivers may still wait when this test has ended, so it
  // needs a future of its own.
  auto may_go_on = go_on.get_future().share();
  // It is destroyed when it is delivered, by the thread that delivers.
  self->delayed_send(dead, 1ms, when_destroyed([&delivering, may_go_on] {
                       delivering.set_value();
                       may_go_on.wait();
                     }));
  delivering.get_future().wait();
  auto used
    = std::async(std::launch::async, [this] { return clock().waiting(); });
  CHECK(used.wait_for(10s) == std::future_status::ready);
  go_on.set_value();
}

TEST_CASE_FIXTURE(clock_fixture, "a message that is cancelled may use the "
                                 "clock as it is destroyed") {
  auto actor = system.spawn([](caf::event_based_actor*) {
    return caf::behavior{[](const last_words&) {}};
  });
  std::promise<std::size_t> found;
  std::thread other{[&] {
    clock().schedule_message(
      clock().now() + 1h, caf::actor_cast<caf::strong_actor_ptr>(actor),
      caf::make_mailbox_element(
        nullptr, caf::make_message_id(), {}, when_destroyed([&] {
          auto used = std::async(std::launch::async,
                                 [this] { return clock().waiting(); });
          if (used.wait_for(10s) == std::future_status::ready)
            found.set_value(used.get());
          else
            found.set_value(1);
        })));
    clock().cancel_timeouts(caf::actor_cast<caf::abstract_actor*>(actor));
  }};
  CHECK(found.get_future().get() == 0);
  other.join();
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}
