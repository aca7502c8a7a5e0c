#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "actors/supervision/keeper.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

struct echo_state {
  static inline const char* name = "echo";
  std::int64_t heard = 0; ///< in this life
};

/// Counts what it was told in this life; "die" and "throw" end it.
progress_actor::behavior_type
echo(progress_actor::stateful_pointer<echo_state> self, int* lives) {
  ++*lives;
  return {
    [=](atom::put, const std::string&, const job_progress&) {
      ++self->state.heard;
    },
    [=](atom::erase, const std::string& what) {
      if (what == "throw")
        throw std::runtime_error("no");
      self->quit(caf::exit_reason::kill);
    },
    [=](atom::get, const std::string&) {
      return job_progress{self->state.heard, 0, ""};
    },
    [=](atom::status) { return std::vector<actor_status>{}; },
  };
}

struct kept {
  test_config cfg;
  caf::actor_system sys{cfg};
  test_scheduler& sched = dynamic_cast<test_scheduler&>(sys.scheduler());
  int lives = 0;
  progress_actor part;
  caf::scoped_actor self{sys};

  kept() {
    spdlog::set_level(spdlog::level::off);
    part = keep<progress_actor>(sys, "echo", lives_of(echo, &lives));
    sched.run();
  }

  ~kept() {
    caf::anon_send_exit(part, caf::exit_reason::user_shutdown);
    part = nullptr;
    sched.run();
  }

  void die(const std::string& how = "die") {
    caf::anon_send(part, atom::erase_v, how);
    sched.run();
  }

  /// How many messages the part has counted; nothing and the error otherwise.
  std::optional<std::int64_t> ask(caf::error* why = nullptr) {
    std::optional<std::int64_t> result;
    auto question = self->request(part, caf::infinite, atom::get_v, "");
    sched.run();
    question.receive([&](const job_progress& x) { result = x.done; },
                     [&](caf::error& e) {
                       if (why)
                         *why = std::move(e);
                     });
    return result;
  }
};

} // namespace

TEST_CASE_FIXTURE(kept, "a keeper forwards, and the answer goes to who asked") {
  self->send(part, atom::put_v, std::string{"j"}, job_progress{});
  CHECK(ask() == 1);
  CHECK(lives == 1);
}

TEST_CASE_FIXTURE(kept, "a part that died starts again under its old handle") {
  for (const char* how : {"die", "throw"}) {
    auto before = lives;
    die(how);
    CHECK(lives == before);
    sched.advance_time(restart_pause::longest);
    sched.run();
    CHECK(lives == before + 1);
    CHECK(ask() == 0);
  }
}

TEST_CASE_FIXTURE(kept, "who asks during a pause is told so at once") {
  die();
  caf::error why;
  CHECK_FALSE(ask(&why));
  CHECK(code_of(why) == ec::overloaded);
  CHECK(problem_of(why).message.find("echo") != std::string::npos);
}

TEST_CASE_FIXTURE(kept, "what nobody waits for is dropped during a pause") {
  die();
  self->send(part, atom::put_v, std::string{"j"}, job_progress{});
  sched.run();
  CHECK(self->mailbox().empty());
  sched.advance_time(restart_pause::longest);
  CHECK(ask() == 0);
}

TEST_CASE_FIXTURE(kept, "the end of a keeper is that of its part") {
  SUBCASE("while the part lives") {}
  SUBCASE("during a pause") {
    die();
  }
  self->monitor(part);
  caf::anon_send_exit(part, caf::exit_reason::user_shutdown);
  sched.run();
  CHECK_FALSE(self->mailbox().empty());
  sched.advance_time(restart_pause::longest);
  sched.run();
  CHECK(lives == 1);
}

TEST_CASE("each pause is twice the last one, until a life was good") {
  using namespace std::chrono_literals;
  restart_pause pause;
  CHECK(pause.after(0s) == 100ms);
  CHECK(pause.after(10s) == 200ms);
  for (int n = 0; n < 10; ++n)
    pause.after(0s);
  CHECK(pause.after(0s) == restart_pause::longest);
  CHECK(pause.after(restart_pause::good_life) == restart_pause::first);
}

TEST_CASE_FIXTURE(kept, "parts are known by name as long as they live") {
  auto lives_now = [] {
    auto all = living_parts();
    return std::count(all.begin(), all.end(), "echo");
  };
  CHECK(lives_now() == 1);
  die();
  CHECK(lives_now() == 0);
}
