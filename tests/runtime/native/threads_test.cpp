#include <atomic>
#include <future>
#include <system_error>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/native/agent/threads.hpp"

using namespace hearth::native;
using namespace std::chrono_literals;

namespace {

/// What the link's thread does: calls `tick` when it is wanted, until then.
template <class Condition>
bool tick_until(job_threads& x, Condition done) {
  auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!done()) {
    auto now = std::chrono::steady_clock::now();
    if (now > deadline)
      return false;
    auto next = x.next_tick();
    if (next && *next <= now)
      x.tick();
    else
      std::this_thread::yield();
  }
  return true;
}

} // namespace

TEST_CASE("every job is run once") {
  std::atomic<int> count{0};
  {
    job_threads threads;
    for (int i = 0; i < 10'000; ++i)
      threads.execute([&] { ++count; });
  }
  CHECK(count == 10'000);
}

TEST_CASE("jobs from several threads are all run") {
  std::atomic<int> count{0};
  {
    job_threads threads;
    std::vector<std::thread> callers;
    for (int t = 0; t < 4; ++t)
      callers.emplace_back([&] {
        for (int i = 0; i < 2'000; ++i)
          threads.execute([&] { ++count; });
      });
    for (auto& x : callers)
      x.join();
  }
  CHECK(count == 8'000);
}

TEST_CASE("a job does not wait for the end of another") {
  std::promise<void> go;
  auto may_end = go.get_future().share();
  std::atomic<int> begun{0};
  job_threads threads;
  for (int i = 0; i < 8; ++i)
    threads.execute([&, may_end] {
      ++begun;
      may_end.wait();
    });
  CHECK(tick_until(threads, [&] { return begun == 8; }));
  CHECK(threads.threads() == 8);
  CHECK_FALSE(threads.more());
  go.set_value();
}

TEST_CASE("a thread that is done is used again") {
  std::atomic<int> done{0};
  job_threads threads;
  for (int i = 0; i < 100; ++i) {
    threads.execute([&] { ++done; });
    REQUIRE(tick_until(threads, [&] { return done == i + 1; }));
  }
  // One more if a job came while the first was about to wait.
  CHECK(threads.threads() <= 2);
}

TEST_CASE("a thread that has run all jobs says so") {
  std::atomic<int> idle{0};
  job_threads threads{[&] { ++idle; }};
  threads.execute([] {});
  CHECK(tick_until(threads, [&] { return idle > 0; }));
}

TEST_CASE("without more threads jobs wait for those that there are") {
  std::promise<void> go;
  auto may_end = go.get_future().share();
  std::atomic<int> begun{0};
  std::atomic<int> ended{0};
  auto work = [&, may_end] {
    ++begun;
    may_end.wait();
    ++ended;
  };
  auto first = true;
  auto refused = 0;
  job_threads threads{[] {},
                      [&](std::function<void()> main) {
                        if (!std::exchange(first, false)) {
                          ++refused;
                          throw std::system_error(EAGAIN,
                                                  std::generic_category());
                        }
                        std::thread{std::move(main)}.detach();
                      }};
  threads.execute(work);
  REQUIRE(tick_until(threads, [&] { return begun == 1; }));
  threads.execute(work);
  auto tried = tick_until(threads, [&] { return refused > 0; });
  CHECK(tried);
  CHECK(threads.threads() == 1);
  CHECK(begun == 1);
  go.set_value();
  CHECK(tick_until(threads, [&] { return ended == 2; }));
}
