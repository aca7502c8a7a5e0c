#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "actors/loop/coalescing_clock.hpp"
#include "apps/actor_system.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

struct clock_fixture {
  system_config config{1};
  caf::actor_system system{config.with_quiet_clock()};
  caf::scoped_actor self{system};

  coalescing_clock& clock() {
    return dynamic_cast<coalescing_clock&>(system.clock());
  }
};

} // namespace

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
