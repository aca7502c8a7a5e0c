#include "actors/open_contexts.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// What is seen of the slots of a context.
std::size_t full_with(const fixture& f, const std::string& name) {
  auto found = f.spec.open->find(name);
  REQUIRE(found.has_value());
  return found->slots->full_with();
}

} // namespace

TEST_CASE_FIXTURE(fixture,
                  "a context without a slot shows it until a job ends") {
  upload("jar", "x");
  auto agent = running_context("ctx"); // of two slots
  submit("ctx", true);
  CHECK(full_with(*this, "ctx") == 0);
  submit("ctx", false);
  CHECK(full_with(*this, "ctx") == 2);
  CHECK(submit("ctx", true)->message()
        == "Too many running jobs (2) for job context 'ctx'");
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  CHECK(full_with(*this, "ctx") == 0);
}

TEST_CASE_FIXTURE(fixture, "a context that queues jobs is always asked") {
  upload("jar", "x");
  auto agent = running_context("ctx", {{"queue", "true"}});
  submit("ctx", true);
  submit("ctx", true);
  CHECK(full_with(*this, "ctx") == 0);
  CHECK(submit("ctx", true)->pending());
}

TEST_CASE_FIXTURE(fixture, "a context on its way out is asked for its reason") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", true);
  submit("ctx", true);
  REQUIRE(full_with(*this, "ctx") == 2);
  ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  auto stopping = spec.open->find("ctx");
  REQUIRE(stopping.has_value());
  CHECK(stopping->slots->full_with() == 0);
  CHECK(submit("ctx", true)->code() == ec::context_stopping);
}

TEST_CASE_FIXTURE(fixture, "only contexts that live are open") {
  CHECK_FALSE(spec.open->find("ctx").has_value());
  auto agent = running_context("ctx");
  CHECK(spec.open->find("ctx").has_value());
  ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, true);
  CHECK_FALSE(spec.open->find("ctx").has_value());
}

TEST_CASE_FIXTURE(fixture, "no context of a server that stops is open") {
  auto agent = running_context("ctx");
  ask<atom::ok>(supervisor, atom::stop_v, false);
  CHECK_FALSE(spec.open->find("ctx").has_value());
}

TEST_CASE("a slot is free from when its job says so, not from when its context "
          "has heard of it") {
  context_slots slots;
  slots.show_full(2);
  CHECK(slots.full_with() == 2);
  slots.begin_leave();
  slots.begin_leave();
  CHECK(slots.full_with() == 0);
  slots.end_leave();
  CHECK(slots.full_with() == 0);
  slots.end_leave();
  CHECK(slots.full_with() == 2);
}
