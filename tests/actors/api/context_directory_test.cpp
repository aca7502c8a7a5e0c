#include "actors/api/context_directory.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// What is seen of the slots of a context.
std::size_t running_if_full(const fixture& f, const std::string& name) {
  auto found = f.spec.open->find(name);
  REQUIRE(found.has_value());
  return found->slots->running_if_full();
}

} // namespace

TEST_CASE_FIXTURE(fixture,
                  "a context without a slot shows it until a job ends") {
  upload("jar", "x");
  auto agent = running_context("ctx"); // of two slots
  submit("ctx", true);
  CHECK(running_if_full(*this, "ctx") == 0);
  submit("ctx", false);
  CHECK(running_if_full(*this, "ctx") == 2);
  CHECK(submit("ctx", true)->message()
        == "Too many running jobs (2) for job context 'ctx'");
  ended(*agent, last_job(*agent), protocol::outcome::finished, "1");
  CHECK(running_if_full(*this, "ctx") == 0);
}

TEST_CASE_FIXTURE(fixture, "a context that queues jobs is always asked") {
  upload("jar", "x");
  auto agent = running_context("ctx", {{"queue", "true"}});
  submit("ctx", true);
  submit("ctx", true);
  CHECK(running_if_full(*this, "ctx") == 0);
  CHECK(submit("ctx", true)->pending());
}

TEST_CASE_FIXTURE(fixture, "a context on its way out is asked for its reason") {
  upload("jar", "x");
  auto agent = running_context("ctx");
  submit("ctx", true);
  submit("ctx", true);
  REQUIRE(running_if_full(*this, "ctx") == 2);
  ask<context_record>(supervisor, atom::stop_v, std::string{"ctx"}, false);
  auto stopping = spec.open->find("ctx");
  REQUIRE(stopping.has_value());
  CHECK(stopping->slots->running_if_full() == 0);
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
  ask<atom::ok>(supervisor, atom::stop_all_v, false);
  CHECK_FALSE(spec.open->find("ctx").has_value());
}

TEST_CASE("a slot is free from when its job says so, not from when its context "
          "has heard of it") {
  auto slots = std::make_shared<slot_gauge>();
  slots->refuse_at(2);
  job_slot one{slots};
  job_slot two{slots};
  one.take();
  CHECK(slots->running_if_full() == 0);
  two.take();
  CHECK(slots->running_if_full() == 2);
  one.release();
  CHECK(slots->running_if_full() == 0);
  CHECK(slots->taken() == 1);
}

TEST_CASE("a job holds one slot at most, and gives it back once") {
  auto slots = std::make_shared<slot_gauge>();
  job_slot slot{slots};
  slot.release();
  CHECK(slots->taken() == 0);
  slot.take();
  slot.take();
  CHECK(slots->taken() == 1);
  CHECK(slot.held());
  slot.release();
  slot.release();
  CHECK(slots->taken() == 0);
  CHECK_FALSE(slot.held());
}

TEST_CASE("a context that queues jobs, or takes none, has to be asked") {
  auto slots = std::make_shared<slot_gauge>();
  job_slot slot{slots};
  slot.take();
  CHECK(slots->running_if_full() == 0);
  slots->refuse_at(1);
  CHECK(slots->running_if_full() == 1);
  slots->refuse_at(0);
  CHECK(slots->running_if_full() == 0);
}
