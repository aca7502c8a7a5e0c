#include <cstddef>
#include <thread>
#include <vector>

#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "tests/actors/fixture.hpp"

using namespace hearth::test;

TEST_CASE("actors under the deterministic scheduler get messages from other "
          "threads") {
  constexpr std::size_t senders = 4;
  constexpr std::size_t each = 1000;
  test_config config;
  caf::actor_system system{config};
  auto& sched = dynamic_cast<test_scheduler&>(system.scheduler());
  std::size_t received = 0; // on this thread alone
  std::vector<caf::actor> actors;
  for (std::size_t i = 0; i < senders * each; ++i)
    actors.push_back(system.spawn([&](caf::event_based_actor* self) {
      return caf::behavior{[&, self](int) {
        ++received;
        self->quit();
      }};
    }));
  sched.run();
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < senders; ++i)
    threads.emplace_back([&, i] {
      for (std::size_t n = 0; n < each; ++n)
        caf::anon_send(actors[i * each + n], 1);
    });
  // Meanwhile, too: the queue must not be read while it is written.
  while (received < senders * each)
    if (sched.run() == 0)
      std::this_thread::yield();
  for (auto& x : threads)
    x.join();
  CHECK(received == senders * each);
}
