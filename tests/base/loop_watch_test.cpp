#include <thread>

#include <doctest/doctest.h>

#include "base/loop_watch.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

const auto noon = loop_watch::clock::time_point{} + 12h;

} // namespace

TEST_CASE("what took longest is known by its name") {
  loop_watch::kind turns{"a turn"};
  CHECK(turns.matters(1us));
  CHECK(turns.add(300us, "first", noon).empty());
  CHECK_FALSE(turns.matters(200us));
  CHECK(turns.matters(400us));
  turns.add(400us, "second", noon);
  turns.add(100us, "third", noon);
  CHECK(turns.get().longest == 400us);
  CHECK(turns.get().name == "second");
  CHECK(turns.get().over_limit == 0);
}

TEST_CASE("what took too long is warned of by name, once a minute, with how "
          "many more there were") {
  loop_watch::kind turns{"a turn"};
  CHECK(turns.add(1ms, "in time", noon).empty());
  CHECK(turns.add(2500us, "store: 'list'", noon)
        == "a turn (store: 'list') took 2.5 ms, and all connections and actors "
           "waited for it");
  CHECK(turns.add(9ms, "other", noon + 59s).empty());
  CHECK(turns.matters(2ms)); // shorter than the longest, but too long
  CHECK(turns.add(2ms, "", noon + 60s)
        == "a turn (unnamed) took 2.0 ms, and all connections and actors "
           "waited for it; 1 others took more than 1 ms since the last such "
           "warning");
  CHECK(turns.add(2ms, "x", noon + 120s).find("others") == std::string::npos);
  CHECK(turns.get().over_limit == 4);
}

TEST_CASE("work is named by whoever does it, for one handler or turn") {
  name_work("first");
  name_work("second");
  CHECK(take_work_name() == "second");
  CHECK(take_work_name().empty());
}

TEST_CASE("a handler that ends a sleep began when it was named") {
  auto now = loop_watch::clock::now() + 1h;
  expect_sleep();
  CHECK(begin_after_sleep(now) == now); // not named: nothing is known
  expect_sleep();
  name_work("x");
  auto began = begin_after_sleep(now);
  CHECK(began < now);
  name_work("y"); // did not sleep in between
  CHECK(begin_after_sleep(now) == began);
}

TEST_CASE("large work is counted where it is done") {
  note_large_work("test of large work");
  std::thread loop{[] {
    loop_thread mark;
    CHECK(loop_thread::is_this());
    note_large_work("test of large work");
    note_large_work("test of large work");
  }};
  loop.join();
  CHECK_FALSE(loop_thread::is_this());
  auto found = the_loop_watch().large()["test of large work"];
  CHECK(found.elsewhere == 1);
  CHECK(found.on_loop == 2);
}
