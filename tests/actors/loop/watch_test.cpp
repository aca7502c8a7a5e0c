#include <string>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "apps/actor_system.hpp"
#include "base/loop_watch.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

/// Works for longer than anything of that kind did before, and longer than it
/// should. No other test's work can then be the longest.
void work_longest(const loop_watch::kind& kind) {
  auto end = loop_watch::clock::now() + kind.get().longest + 2ms;
  while (loop_watch::clock::now() < end)
    continue;
}

struct slow_state {
  static inline const char* name = "slow";
};

/// Takes long for numbers and texts, and stops the loop at the unit.
caf::behavior slow_actor(caf::stateful_actor<slow_state>*,
                         asio::io_context* io) {
  return {[=](caf::atom_value, int) { work_longest(the_loop_watch().turns); },
          [=](const std::string&) {
            name_work("GET /slow");
            work_longest(the_loop_watch().turns);
          },
          [=](caf::unit_t) { io->stop(); }};
}

/// Actors on an io_context that the test runs itself.
struct own_loop {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{
    io.get_executor()};
  system_config config;
  caf::actor_system system{config.run_actors_on(io)};

  caf::actor slow = system.spawn(slow_actor, &io);

  ~own_loop() {
    caf::anon_send_exit(slow, caf::exit_reason::kill);
    slow = nullptr;
    io.restart();
    io.poll();
  }

  /// @returns the name of the longest turn so far
  template <class... Ts>
  std::string send_and_run(Ts... message) {
    caf::anon_send(slow, message...);
    caf::anon_send(slow, caf::unit);
    run_io(io, system, {});
    io.restart();
    return the_loop_watch().turns.get().name;
  }
};

} // namespace

TEST_CASE_FIXTURE(own_loop, "a turn that takes long is known by its actor, and "
                            "from then on by its message, too") {
  auto before = the_loop_watch().turns.get().over_limit;
  CHECK(send_and_run(caf::atom("put"), 1) == "slow");
  CHECK(the_loop_watch().turns.get().over_limit > before);
  CHECK(send_and_run(caf::atom("put"), 1) == "slow: put");
}

TEST_CASE_FIXTURE(own_loop, "a turn for a route is known by the route, and by "
                            "no content of its message") {
  CHECK(send_and_run(std::string{"secret"}) == "slow: GET /slow");
  CHECK(send_and_run(std::string{"secret"}) == "slow: GET /slow");
}

TEST_CASE_FIXTURE(own_loop, "a handler that takes long is known by what it "
                            "says that it does, also after a sleep") {
  auto& handlers = the_loop_watch().handlers;
  auto before = handlers.get().over_limit;
  asio::post(io, [&] {
    name_work("first");
    work_longest(handlers);
  });
  asio::post(io, [&] { io.stop(); });
  run_io(io, system, {});
  CHECK(handlers.get().name == "first");
  io.restart();
  // The loop sleeps until this comes.
  std::thread other{[&] {
    asio::post(io, [&] {
      name_work("second");
      work_longest(handlers);
      asio::post(io, [&] { io.stop(); });
    });
  }};
  run_io(io, system, {});
  other.join();
  CHECK(handlers.get().name == "second");
  CHECK(handlers.get().over_limit >= before + 2);
}

TEST_CASE_FIXTURE(own_loop, "work between rounds is measured, too") {
  auto& handlers = the_loop_watch().handlers;
  loop_settings settings;
  settings.after_round = [&] {
    if (io.stopped())
      return false;
    work_longest(handlers);
    io.stop();
    return true;
  };
  run_io(io, system, settings);
  CHECK(handlers.get().name == "the work between rounds");
}

TEST_CASE_FIXTURE(own_loop, "the thread of the loop knows that it is it") {
  auto here = false;
  asio::post(io, [&] {
    here = loop_thread::is_this();
    io.stop();
  });
  run_io(io, system, {});
  CHECK(here);
  CHECK_FALSE(loop_thread::is_this());
}
