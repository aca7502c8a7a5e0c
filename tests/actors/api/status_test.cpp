#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "actors/api/status.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

struct parent_state {
  std::vector<status_actor> children;
};

status_actor::behavior_type child(status_actor::pointer self) {
  return {[=](atom::status) {
    return std::vector{own_status(self, "child", "", "open", 0, 0)};
  }};
}

status_actor::behavior_type
parent(status_actor::stateful_pointer<parent_state> self, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    self->state.children.push_back(self->spawn(child));
  return {[=](atom::status) {
    return gather_status(self, own_status(self, "parent", "", "open", 0, 0),
                         self->state.children);
  }};
}

struct status_fixture {
  ~status_fixture() {
    for (auto& actor : actors)
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    sched.run();
  }

  /// Asks a parent of so many children.
  /// @param most how many actors had something to do at once, at most
  std::size_t lines(std::size_t count, std::size_t& most) {
    actors.push_back(sys.spawn(parent, count));
    sched.run();
    std::size_t result = 0;
    auto asker = sys.spawn([&,
                            to = actors.back()](caf::event_based_actor* self) {
      self->request(to, caf::infinite, atom::status_v)
        .then([&](std::vector<actor_status>& lines) { result = lines.size(); },
              [](const caf::error&) {});
    });
    most = 0;
    while (sched.has_job()) {
      most = std::max(most, sched.jobs.size());
      sched.run_once();
    }
    return result;
  }

  test_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  std::vector<status_actor> actors;
};

} // namespace

TEST_CASE_FIXTURE(status_fixture, "a status has a line for each child, and "
                                  "thousands are asked in portions") {
  std::size_t most = 0;
  CHECK(lines(0, most) == 1);
  CHECK(lines(1, most) == 2);
  CHECK(lines(statuses_at_once + 1, most) == statuses_at_once + 2);
  CHECK(lines(1000, most) == 1001);
  CHECK(most <= statuses_at_once + 1);
}
