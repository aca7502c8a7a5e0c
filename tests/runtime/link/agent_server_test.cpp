#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include <asio/post.hpp>
#include <doctest/doctest.h>

#include "tests/runtime/link/fixture.hpp"

namespace {

std::size_t open_descriptors() {
  std::filesystem::directory_iterator i{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(i), end(i)));
}

} // namespace

TEST_CASE_FIXTURE(fixture, "an agent that says hello is welcomed") {
  fake_agent agent{port()};
  agent.say_hello("c-1");
  auto x = arrivals.take();
  CHECK(x.hello.context_id == "c-1");
  CHECK(x.hello.token == "secret");
  CHECK(x.hello.pid == 42);
  CHECK(x.hello.running == std::vector<std::string>{"j"});
  accept(x.link);
  auto answer = agent.receive();
  REQUIRE(answer);
  CHECK(answer->kind == kind::welcome);
  CHECK(protocol::parse_welcome(*answer).heartbeat_ms == 5000);
}

TEST_CASE_FIXTURE(fixture, "a rejected agent is told why") {
  fake_agent agent{port()};
  agent.say_hello();
  agent.send(protocol::job_started_frame("ignored"));
  auto link = arrivals.take().link;
  link->reject("wrong token");
  link->send(protocol::job_stored_frame("lost"));
  auto answer = agent.receive();
  REQUIRE(answer);
  CHECK(protocol::parse_reject(*answer) == "wrong token");
  CHECK_FALSE(agent.receive());
  agent.close();
  end();
  CHECK(frames.empty());
  CHECK(closed.empty());
}

TEST_CASE_FIXTURE(fixture, "a hello that cannot be used is rejected") {
  fake_agent other_version{port()};
  other_version.say_hello("c", 2);
  auto answer = other_version.receive();
  REQUIRE(answer);
  CHECK(protocol::parse_reject(*answer)
        == "the server speaks version 1 of the agent protocol, not 2");
  CHECK_FALSE(other_version.receive());

  fake_agent incomplete{port()};
  incomplete.send({kind::hello, R"({"protocol":1})", ""});
  answer = incomplete.receive();
  REQUIRE(answer);
  CHECK(protocol::parse_reject(*answer) == "hello: missing key 'contextId'");
  CHECK_FALSE(incomplete.receive());
  CHECK(arrivals.empty());
}

TEST_CASE_FIXTURE(fixture, "who does not begin with hello is shut out") {
  for (const auto& bytes :
       {"GET / HTTP/1.1\r\n\r\n"s, "\0\0\0\x04\x0c\0\0\0"s,
        "\0\xff\xff\xff\x01\0\0\x02{}"s
          + std::string(protocol::max_header + 256 * 1024, 'x')}) {
    fake_agent agent{port()};
    agent.send_bytes(bytes);
    CHECK_FALSE(agent.receive());
  }
  CHECK(arrivals.empty());
}

TEST_CASE("who says no hello in time is dropped") {
  fixture f{with_hello_timeout(20ms)};
  fake_agent silent{f.port()};
  fake_agent slow{f.port()};
  slow.send_bytes("\0\0"s);
  CHECK_FALSE(silent.receive());
  CHECK_FALSE(slow.receive());
}

TEST_CASE("an agent that nobody accepts in time is dropped") {
  fixture f{with_hello_timeout(20ms)};
  fake_agent agent{f.port()};
  agent.say_hello();
  auto link = f.arrivals.take().link;
  CHECK_FALSE(agent.receive());
  f.accept(link);
  CHECK(f.closed.take() == "neither accepted nor rejected within 20 ms");
}

TEST_CASE("an agent that does not close its side is cut off") {
  fixture f{with_hello_timeout(20ms)};
  auto before = open_descriptors();
  {
    fake_agent agent{f.port()};
    agent.say_hello("c", 3);
    CHECK(agent.receive()->kind == kind::reject);
    CHECK_FALSE(agent.receive());
    // The server's end goes without ours: a write then meets a reset.
    for (;;) {
      agent.send(protocol::stopping_frame());
      if (open_descriptors() == before + 1)
        break;
      std::this_thread::yield();
    }
  }
}

TEST_CASE_FIXTURE(fixture, "a stopping server closes every connection") {
  std::vector<std::unique_ptr<fake_agent>> agents;
  std::vector<agent_link_ptr> links;
  for (int i = 0; i < 5; ++i) {
    agents.push_back(std::make_unique<fake_agent>(port()));
    links.push_back(admit(*agents.back()));
  }
  fake_agent stranger{port()};
  server->stop();
  for (auto& x : agents) {
    CHECK(closed.take() == "the server stops");
    CHECK_FALSE(x->receive());
  }
  CHECK_FALSE(stranger.receive());
  CHECK_FALSE(fake_agent{}.connect(port()));
}

TEST_CASE("the server may be destroyed from a callback") {
  fixture f;
  fake_agent agent{f.port()};
  agent.say_hello();
  events<std::string> closed;
  f.arrivals.take().link->accept(
    [&](const protocol::frame&) { f.server.reset(); },
    [&](std::string reason) { closed.put(std::move(reason)); });
  agent.send(protocol::job_started_frame("1"));
  CHECK(closed.take() == "the server stops");
  f.work.reset();
  f.thread.join();
}

TEST_CASE("connections over the limit are closed at once") {
  agent_server_config config;
  config.max_connections = 2;
  fixture f{config};
  fake_agent first{f.port()};
  auto link = f.admit(first);
  fake_agent second{f.port()};
  f.admit(second);
  fake_agent third{f.port()};
  CHECK_FALSE(third.receive());
  first.close();
  f.closed.take();
  fake_agent fourth{f.port()};
  f.admit(fourth);
}

TEST_CASE_FIXTURE(fixture, "want of descriptors is survived") {
  fake_agent agent;
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  auto lowest_free = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(lowest_free >= 0);
  ::close(lowest_free);
  auto none = before;
  none.rlim_cur = static_cast<rlim_t>(lowest_free);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  auto connected = agent.connect(port());
  // What is posted now runs after the attempt to accept failed.
  events<int> turns;
  for (int i = 0; i < 3; ++i) {
    asio::post(io, [&] { turns.put(0); });
    turns.take();
  }
  ::setrlimit(RLIMIT_NOFILE, &before);
  REQUIRE(connected);
  admit(agent);
}

TEST_CASE("no descriptor is left over") {
  auto before = open_descriptors();
  {
    fixture f;
    for (int i = 0; i < 50; ++i) {
      fake_agent agent{f.port()};
      auto link = f.admit(agent);
      if (i % 3 == 0)
        link->close();
      if (i % 3 == 1)
        agent.send_bytes("\0\0\0\0"s);
    }
    fake_agent rejected{f.port()};
    rejected.say_hello("c", 9);
    CHECK(rejected.receive()->kind == kind::reject);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a port that is taken is an error") {
  fixture f;
  agent_server_config config;
  config.port = f.port();
  asio::io_context io;
  CHECK_THROWS_AS(
    agent_server(io, config, [](agent_link_ptr, const protocol::hello&) {}),
    std::system_error);
}
