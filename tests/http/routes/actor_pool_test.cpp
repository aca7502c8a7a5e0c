#include <vector>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <doctest/doctest.h>

#include "http/routes/actor_pool.hpp"
#include "tests/http/route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

struct pooled {
  test_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  http::actor_pool pool;
  std::vector<caf::actor> busy;

  void run() {
    pool.run(system, {[this](auto* self) { busy.emplace_back(self); }});
    sched.run();
  }

  void give_back(std::size_t which) {
    auto one = busy.at(which);
    busy.erase(busy.begin() + static_cast<std::ptrdiff_t>(which));
    pool.give_back(static_cast<caf::event_based_actor*>(
      caf::actor_cast<caf::abstract_actor*>(one)));
  }

  std::size_t alive() {
    return system.registry().running();
  }
};

} // namespace

TEST_CASE_FIXTURE(pooled, "an actor that was given back is used again") {
  run();
  auto first = busy[0].id();
  give_back(0);
  run();
  CHECK(busy[0].id() == first);
  give_back(0);
}

TEST_CASE_FIXTURE(pooled, "an actor has one task at a time") {
  run();
  run();
  CHECK(busy[0] != busy[1]);
  give_back(0);
  run();
  CHECK(busy[0] != busy[1]);
  busy.clear();
}

TEST_CASE_FIXTURE(pooled, "the actors of a closed pool end") {
  auto others = alive();
  run();
  run();
  CHECK(alive() == others + 2);
  give_back(0);
  CHECK(alive() == others + 2);
  pool.close();
  CHECK(alive() == others + 1);
  give_back(0);
  CHECK(alive() == others);
}
