// Strangers at the agent port, and a system that gives nothing.

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sys/resource.h>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/link/descriptor_reserve.hpp"
#include "runtime/link/limited_log.hpp"
#include "tests/runtime/link/fixture.hpp"

namespace {

agent_server_config with_newcomers(std::size_t most) {
  agent_server_config result;
  result.max_newcomers = most;
  return result;
}

using strangers = std::vector<std::unique_ptr<fake_agent>>;

fake_agent& come(strangers& all, const fixture& f, bool to_socket) {
  all.push_back(std::make_unique<fake_agent>(to_socket));
  REQUIRE(all.back()->connect(f.where()));
  return *all.back();
}

/// Takes all descriptors of this process for as long as it lives.
class exhaustion {
public:
  exhaustion() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    auto small = before_;
    small.rlim_cur = 200;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &small) == 0);
    for (int fd; (fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
      taken_.push_back(fd);
  }

  ~exhaustion() {
    for (auto fd : taken_)
      ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }

private:
  rlimit before_{};
  std::vector<int> taken_;
};

} // namespace

TEST_CASE("no error of accept makes the port deaf") {
  for (auto error : {EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED, EPERM,
                     EINTR, EBADF, EINVAL, EIO}) {
    CAPTURE(error);
    agent_server_config config;
    std::atomic<int> left = 40; // more than the reserve has descriptors
    config.accept = [&](int listening) {
      if (left > 0) {
        --left;
        errno = error;
        return -1;
      }
      return ::accept4(listening, nullptr, nullptr,
                       SOCK_CLOEXEC | SOCK_NONBLOCK);
    };
    if (error == ENOBUFS || error == EBADF || error == EINVAL || error == EIO)
      left = 3; // each of these costs a pause
    fixture f{config};
    fake_agent agent{f.where()};
    f.admit(agent);
    CHECK(left == 0);
  }
}

TEST_CASE("an exception while a connection is taken makes nothing deaf") {
  agent_server_config config;
  std::atomic<int> calls = 0;
  config.accept = [&](int listening) {
    if (++calls == 1)
      throw std::bad_alloc{};
    return ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  };
  fixture f{config};
  fake_agent agent{f.where()};
  f.admit(agent);
}

TEST_CASE("an agent is let in although no descriptor is free") {
  fixture f;
  for (auto to_socket : {false, true}) {
    CAPTURE(to_socket);
    fake_agent agent{to_socket};
    exhaustion all;
    REQUIRE(agent.connect(f.where()));
    f.admit(agent);
  }
}

TEST_CASE("without descriptors an agent takes the place of a stranger") {
  fixture f;
  strangers idle;
  for (int i = 0; i < 5; ++i)
    come(idle, f, false);
  // As many as the reserve holds, and more.
  strangers later;
  for (int i = 0; i < 40; ++i)
    later.push_back(std::make_unique<fake_agent>(false));
  fake_agent agent{false};
  exhaustion all;
  for (auto& x : later)
    REQUIRE(x->connect(f.where()));
  REQUIRE(agent.connect(f.where()));
  f.admit(agent);
  CHECK_FALSE(idle.front()->receive());
}

TEST_CASE("of too many strangers the oldest goes") {
  fixture f{with_newcomers(2)};
  strangers all;
  auto& first = come(all, f, false);
  auto& second = come(all, f, false);
  auto& third = come(all, f, false);
  CHECK_FALSE(first.receive());
  // The others are still there: their hello is answered.
  f.admit(third);
  f.admit(second);
}

TEST_CASE("idle strangers do not keep an agent out") {
  fixture f;
  strangers all;
  for (int i = 0; i < 300; ++i)
    come(all, f, false);
  fake_agent agent{false};
  REQUIRE(agent.connect(f.where()));
  f.admit(agent);
}

TEST_CASE("strangers at one way in take no place at the other") {
  fixture f{with_newcomers(1)};
  strangers all;
  auto& by_file = come(all, f, true);
  for (int i = 0; i < 5; ++i)
    come(all, f, false);
  CHECK_FALSE(all[1]->receive());
  f.admit(by_file);
}

TEST_CASE("who was rejected and stays makes room for others") {
  fixture f{with_newcomers(2)};
  strangers all;
  for (int i = 0; i < 2; ++i) {
    auto& x = come(all, f, false);
    x.say_hello("c", 2);
    CHECK(x.receive()->kind == kind::reject);
    CHECK_FALSE(x.receive());
  }
  fake_agent agent{f.where()};
  f.admit(agent);
}

TEST_CASE("an agent that waits for its answer goes after silent strangers") {
  fixture f{with_newcomers(2)};
  strangers all;
  auto& agent = come(all, f, false);
  agent.say_hello();
  auto link = f.arrivals.take().link;
  auto& silent = come(all, f, false);
  come(all, f, false);
  CHECK_FALSE(silent.receive());
  f.accept(link);
  CHECK(agent.receive()->kind == kind::welcome);
}

TEST_CASE("of a flood of lines some are written, and the others counted") {
  using clock = line_budget::clock;
  line_budget x{2, 10s};
  clock::time_point start{1h};
  CHECK(x.admits(start));
  CHECK(x.admits(start + 1s));
  CHECK_FALSE(x.due());
  CHECK_FALSE(x.admits(start + 2s));
  CHECK_FALSE(x.admits(start + 9s));
  CHECK(x.due() == start + 10s);
  CHECK(x.take_left_out() == 2);
  CHECK_FALSE(x.due());
  CHECK(x.admits(start + 10s));
  CHECK(x.take_left_out() == 0);
}

TEST_CASE("a reserve gives its descriptors back one by one") {
  descriptor_reserve x{3};
  CHECK(x.size() == 3);
  CHECK(x.release_one());
  CHECK(x.size() == 2);
  x.refill();
  CHECK(x.size() == 3);
  for (int i = 0; i < 3; ++i)
    CHECK(x.release_one());
  CHECK_FALSE(x.release_one());
}
