#include <doctest/doctest.h>

#include "actors/contexts/waiting.hpp"

using namespace hearth;

TEST_CASE("jobs wait for a slot by priority, then by arrival") {
  slot_queue queue;
  queue.add(0, "first");
  auto second = queue.add(0, "second");
  auto urgent = queue.add(5, "urgent");
  queue.add(-5, "patient");
  CHECK(queue.size() == 4);
  CHECK(queue.next() == "urgent");
  queue.remove(urgent);
  CHECK(queue.next() == "first");
  queue.remove(second);
  CHECK(queue.next() == "first");
  CHECK(queue.size() == 2);
  CHECK_FALSE(queue.empty());
}

TEST_CASE("arrivals keep their order, and each is taken once") {
  arrivals_during_restart<int> arrivals;
  arrivals.add(1);
  auto second = arrivals.add(2);
  arrivals.add(3);
  CHECK(arrivals.take(second) == 2);
  CHECK_FALSE(arrivals.take(second));
  CHECK(arrivals.size() == 2);
  CHECK(arrivals.take_all() == std::vector{1, 3});
  CHECK(arrivals.size() == 0);
  CHECK_FALSE(arrivals.take(1));
}

TEST_CASE("requests for unclaimed jobs wait until these are claimed") {
  unclaimed_jobs jobs;
  job_record record;
  record.id = "a";
  jobs.put({record});
  CHECK(jobs.holds("a"));
  CHECK_FALSE(jobs.holds("b"));
  auto asked = 0;
  jobs.after_claim([&] { ++asked; });
  REQUIRE(jobs.take().size() == 1);
  CHECK_FALSE(jobs.holds("a"));
  CHECK(asked == 0);
  jobs.claimed();
  jobs.claimed();
  CHECK(asked == 1);
}

TEST_CASE("requests for jobs that nobody will claim are told so, once") {
  unclaimed_jobs jobs;
  auto asked = 0;
  auto told = 0;
  jobs.after_claim([&] { ++asked; }, [&] { ++told; });
  jobs.abandon();
  jobs.abandon();
  jobs.claimed();
  CHECK(asked == 0);
  CHECK(told == 1);
}

TEST_CASE("only the timer that was armed last counts, until it is cancelled") {
  timer_number timer;
  auto first = timer.arm();
  CHECK(timer.counts(first));
  auto second = timer.arm();
  CHECK_FALSE(timer.counts(first));
  CHECK(timer.counts(second));
  timer.cancel();
  CHECK_FALSE(timer.counts(second));
}
