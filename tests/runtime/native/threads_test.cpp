#include <array>
#include <atomic>
#include <future>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/native/agent/threads.hpp"

using namespace hearth::native;
using namespace std::chrono_literals;

namespace {

/// Waits for what threads do, which no lock of theirs tells.
template <class Condition>
bool eventually(Condition done) {
  auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::yield();
  }
  return true;
}

} // namespace

TEST_CASE("every job is run once") {
  std::atomic<int> count{0};
  {
    poller events;
    job_threads threads{events};
    for (int i = 0; i < 10'000; ++i)
      threads.execute([&] { ++count; });
  }
  CHECK(count == 10'000);
}

TEST_CASE("jobs from several threads are all run") {
  std::atomic<int> count{0};
  {
    poller events;
    job_threads threads{events};
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
  poller events;
  job_threads threads{events};
  for (int i = 0; i < 8; ++i)
    threads.execute([&, may_end] {
      ++begun;
      may_end.wait();
    });
  CHECK(eventually([&] { return begun == 8; }));
  // They, and one that watches.
  CHECK(threads.threads() == 9);
  CHECK_FALSE(threads.more());
  go.set_value();
}

TEST_CASE("a thread that is done is used again") {
  std::atomic<int> done{0};
  poller events;
  job_threads threads{events};
  for (int i = 0; i < 100; ++i) {
    threads.execute([&] { ++done; });
    REQUIRE(eventually([&] { return done == i + 1; }));
  }
  // One more if a job came while the first was about to wait.
  CHECK(threads.threads() <= 3);
}

TEST_CASE("a thread that has run all jobs says so") {
  std::atomic<int> idle{0};
  poller events;
  job_threads threads{events, [](auto) {}, [&] { ++idle; }};
  threads.execute([] {});
  CHECK(eventually([&] { return idle > 0; }));
}

TEST_CASE("who gets an event runs the jobs that came with it") {
  std::atomic<std::thread::id> reader{};
  std::promise<std::thread::id> runner;
  poller events;
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
  job_threads* pool = nullptr;
  job_threads threads{
    events, [&](poller::event x) {
      if (x != poller::event::readable)
        return;
      reader = std::this_thread::get_id();
      pool->execute([&] { runner.set_value(std::this_thread::get_id()); });
    }};
  pool = &threads;
  events.watch(ends[0]);
  REQUIRE(::send(ends[1], "x", 1, 0) == 1);
  auto ran = runner.get_future().get();
  CHECK(ran == reader.load());
  events.forget(ends[0]);
  for (auto fd : ends)
    ::close(fd);
}

TEST_CASE("an event is handled while all others run jobs") {
  std::promise<void> go;
  auto may_end = go.get_future().share();
  std::atomic<int> begun{0};
  std::atomic<int> times{0};
  poller events;
  job_threads threads{events, [&](poller::event x) {
                        times += x == poller::event::time ? 1 : 0;
                      }};
  for (int i = 0; i < 4; ++i)
    threads.execute([&, may_end] {
      ++begun;
      may_end.wait();
    });
  REQUIRE(eventually([&] { return begun == 4; }));
  auto before = times.load();
  events.wake_at(poller::clock::now());
  CHECK(eventually([&] { return times > before; }));
  go.set_value();
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
  auto left = 2; // those that it begins with
  std::atomic<int> refused{0};
  poller events;
  job_threads threads{events, [](auto) {}, [] {},
                      [&](std::function<void()> main) {
                        if (left == 0) {
                          ++refused;
                          throw std::system_error(EAGAIN,
                                                  std::generic_category());
                        }
                        --left;
                        std::thread{std::move(main)}.detach();
                      }};
  threads.execute(work);
  REQUIRE(eventually([&] { return begun == 1; }));
  threads.execute(work);
  CHECK(eventually([&] { return refused > 0; }));
  CHECK(threads.threads() == 2);
  CHECK(begun == 1);
  go.set_value();
  CHECK(eventually([&] { return ended == 2; }));
}
