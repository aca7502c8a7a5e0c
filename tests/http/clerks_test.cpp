#include <vector>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <doctest/doctest.h>

#include "http/clerks.hpp"
#include "route_fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

struct office {
  test_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  http::clerks staff;
  std::vector<caf::actor> out; ///< on an errand

  void send() {
    staff.send(system, {[this](auto* self) { out.emplace_back(self); }});
    sched.run();
  }

  void back(std::size_t which) {
    auto one = out.at(which);
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(which));
    staff.back(static_cast<caf::event_based_actor*>(
      caf::actor_cast<caf::abstract_actor*>(one)));
  }

  std::size_t alive() {
    return system.registry().running();
  }
};

} // namespace

TEST_CASE_FIXTURE(office, "who is back is sent again") {
  send();
  auto first = out[0].id();
  back(0);
  send();
  CHECK(out[0].id() == first);
  back(0);
}

TEST_CASE_FIXTURE(office, "nobody is on two errands at once") {
  send();
  send();
  CHECK(out[0] != out[1]);
  back(0);
  send();
  CHECK(out[0] != out[1]);
  out.clear();
}

TEST_CASE_FIXTURE(office, "those that were dismissed end") {
  auto others = alive();
  send();
  send();
  CHECK(alive() == others + 2);
  back(0);
  CHECK(alive() == others + 2);
  staff.dismiss();
  CHECK(alive() == others + 1);
  back(0);
  CHECK(alive() == others);
}
