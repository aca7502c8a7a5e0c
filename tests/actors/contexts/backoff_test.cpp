#include <doctest/doctest.h>

#include "actors/contexts/backoff.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

conf::context_limits rules() {
  conf::context_limits result;
  result.restart = conf::restart_mode::on_failure;
  result.restart_limit = 5;
  result.restart_window = 600s;
  result.restart_backoff = 500ms;
  result.restart_max_backoff = 3s;
  result.restart_good_run = 60s;
  return result;
}

/// Pauses are as long as they can be.
double longest() {
  return 0;
}

} // namespace

TEST_CASE("the pause doubles up to its cap") {
  context_restarts x{rules(), longest};
  for (auto expected : {500ms, 1000ms, 2000ms, 3000ms, 3000ms})
    CHECK(x.next(1000, true) == expected);
}

TEST_CASE("a pause lies between half of its length and all of it, at random") {
  auto next = 0.0;
  context_restarts x{rules(), [&next] { return next; }};
  CHECK(x.next(0, true) == 500ms);
  next = 0.5;
  CHECK(x.next(0, true) == 750ms); // of 1000 ms
  next = 0.999999;
  CHECK(x.next(0, true) == 1001ms); // of 2000 ms
  CHECK(x.next(0, true) == 1501ms); // of 3000 ms, the cap
}

TEST_CASE("what is random by default is in range, and differs") {
  auto first = next_random_fraction();
  auto differs = false;
  for (int i = 0; i < 100; ++i) {
    auto fraction = next_random_fraction();
    CHECK(fraction >= 0);
    CHECK(fraction < 1);
    differs = differs || fraction != first;
  }
  CHECK(differs);
}

TEST_CASE("a run that began when the clock was at zero counts, too") {
  context_restarts x{rules(), longest};
  x.next(0, true);
  x.opened(0);
  CHECK(x.next(60'000, true) == 500ms);
}

TEST_CASE("a good run makes the pause short again") {
  context_restarts x{rules(), longest};
  x.next(0, true);
  x.opened(1'000);
  CHECK(x.next(2'000, true) == 1000ms);
  x.opened(3'000);
  CHECK(x.next(63'000, true) == 500ms);
}

TEST_CASE("after too many failures in the window it gives up") {
  context_restarts x{rules(), longest};
  for (int i = 0; i < 5; ++i)
    CHECK(x.next(i, true));
  CHECK(x.gave_up().empty());
  CHECK_FALSE(x.next(5, true));
  CHECK(x.gave_up().find("failed 6 times") != std::string::npos);
}

TEST_CASE("failures that are long past do not count") {
  context_restarts x{rules(), longest};
  for (int i = 0; i < 50; ++i)
    CHECK(x.next(i * 200'000, true));
}

TEST_CASE("an end without a failure is followed only if asked for") {
  auto how = rules();
  CHECK_FALSE(context_restarts{how, longest}.next(0, false));
  how.restart = conf::restart_mode::always;
  CHECK(context_restarts{how, longest}.next(0, false) == 0ms);
  how.restart = conf::restart_mode::never;
  CHECK_FALSE(context_restarts{how, longest}.next(0, true));
}
