#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <doctest/doctest.h>

#include "runtime/link/agent_server.hpp"
#include "tests/runtime/link/fake_agent.hpp"

using namespace hearth;
using namespace hearth::link;
using namespace std::chrono_literals;
using namespace std::string_literals;
using protocol::kind;

namespace {

struct arrival {
  agent_link_ptr link;
  protocol::hello hello;
};

/// A server on a thread of its own.
struct fixture {
  explicit fixture(agent_server_config config = {})
    : server(std::make_unique<agent_server>(
      io, std::move(config),
      [this](agent_link_ptr link, const protocol::hello& hello) {
        arrivals.put({std::move(link), hello});
      })),
      thread([this] { io.run(); }) {}

  ~fixture() {
    end();
  }

  void end() {
    if (!thread.joinable())
      return;
    server->stop();
    work.reset();
    thread.join();
    server.reset();
  }

  /// Lets an agent in. @returns its link
  agent_link_ptr admit(fake_agent& agent) {
    agent.say_hello();
    auto link = arrivals.take().link;
    accept(link);
    auto answer = agent.receive();
    REQUIRE(answer);
    CHECK(answer->kind == kind::welcome);
    return link;
  }

  void accept(const agent_link_ptr& link) {
    link->accept([this](protocol::frame x) { frames.put(std::move(x)); },
                 [this](std::string reason) { closed.put(std::move(reason)); });
  }

  std::uint16_t port() const {
    return server->port();
  }

  events<arrival> arrivals;
  events<protocol::frame> frames;
  events<std::string> closed;
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work{
    io.get_executor()};
  std::unique_ptr<agent_server> server;
  std::thread thread;
};

agent_server_config with_heartbeat(std::chrono::milliseconds x) {
  agent_server_config result;
  result.heartbeat = x;
  return result;
}

agent_server_config with_hello_timeout(std::chrono::milliseconds x) {
  agent_server_config result;
  result.hello_timeout = x;
  return result;
}

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
        "\x00\xff\xff\xff\x01"s
          + std::string(protocol::max_header + 256 * 1024, 'x')}) {
    fake_agent agent{port()};
    agent.send_bytes(bytes);
    CHECK_FALSE(agent.receive());
  }
  CHECK(arrivals.empty());
}

TEST_CASE_FIXTURE(fixture, "10,000 frames go both ways in their order") {
  constexpr int count = 10'000;
  fake_agent agent{port()};
  auto link = admit(agent);
  std::thread echo([&] {
    for (int i = 0; i < count; ++i) {
      auto x = agent.receive();
      if (!x)
        return;
      agent.send(to_frame(protocol::job_ended{protocol::parse_job(*x), {}, {}},
                          x->payload));
    }
  });
  for (int i = 0; i < count; ++i)
    link->send(to_frame(protocol::run_job{std::to_string(i), {}, {}, 0, 0, {}},
                        std::to_string(2 * i)));
  for (int i = 0; i < count; ++i) {
    auto x = frames.take();
    REQUIRE(x.kind == kind::job_ended);
    REQUIRE(protocol::parse_job(x) == std::to_string(i));
    REQUIRE(x.payload == std::to_string(2 * i));
  }
  echo.join();
}

TEST_CASE_FIXTURE(fixture, "threads that send at once keep their own order") {
  constexpr int count = 2000;
  fake_agent agent{port()};
  auto link = admit(agent);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&link, t] {
      for (int i = 0; i < count; ++i)
        link->send(protocol::credit_frame(std::to_string(t),
                                          static_cast<std::uint64_t>(i)));
    });
  std::vector<std::uint64_t> next(4, 0);
  for (int i = 0; i < 4 * count; ++i) {
    auto x = agent.receive();
    REQUIRE(x);
    auto y = protocol::parse_credit(*x);
    REQUIRE(y.bytes == next.at(std::stoul(y.job))++);
  }
  for (auto& x : threads)
    x.join();
}

TEST_CASE_FIXTURE(fixture, "frames larger than the socket takes arrive whole") {
  fake_agent agent{port()};
  auto link = admit(agent);
  std::vector<std::string> payloads;
  for (char c : "abcdef"s)
    payloads.emplace_back(5'000'000, c);
  for (const auto& x : payloads)
    link->send(to_frame(protocol::run_job{}, x));
  for (const auto& expected : payloads) {
    auto x = agent.receive();
    REQUIRE(x);
    CHECK((x->payload == expected));
    agent.send(protocol::result_part_frame("j", x->payload));
  }
  for (const auto& expected : payloads)
    CHECK((frames.take().payload == expected));
}

TEST_CASE_FIXTURE(fixture, "what an agent says before its welcome waits") {
  fake_agent agent{port()};
  agent.say_hello();
  agent.send(protocol::job_started_frame("1"));
  auto link = arrivals.take().link;
  agent.send(protocol::job_started_frame("2"));
  CHECK(frames.empty());
  link->send(protocol::job_stored_frame("lost"));
  accept(link);
  accept(link);
  CHECK(protocol::parse_job(frames.take()) == "1");
  CHECK(protocol::parse_job(frames.take()) == "2");
  CHECK(agent.receive()->kind == kind::welcome);
}

TEST_CASE_FIXTURE(fixture, "a link may be used from its own callbacks") {
  fake_agent agent{port()};
  agent.say_hello();
  auto link = arrivals.take().link;
  link->accept(
    [link](const protocol::frame& x) {
      link->send(protocol::job_stored_frame(protocol::parse_job(x)));
      link->close();
    },
    [this](std::string reason) { closed.put(std::move(reason)); });
  agent.send(protocol::job_started_frame("1"));
  CHECK(agent.receive()->kind == kind::welcome);
  CHECK(protocol::parse_job(*agent.receive()) == "1");
  CHECK_FALSE(agent.receive());
  CHECK(closed.take() == "closed by the server");
}

TEST_CASE_FIXTURE(fixture, "a ping is answered by the link") {
  fake_agent agent{port()};
  auto link = admit(agent);
  agent.send(protocol::seq_frame(kind::agent_ping, 77));
  auto x = agent.receive();
  REQUIRE(x);
  CHECK(x->kind == kind::server_pong);
  CHECK(protocol::parse_seq(*x) == 77);
  CHECK(frames.empty());
}

TEST_CASE("an agent that answers pings is kept") {
  fixture f{with_heartbeat(200ms)};
  fake_agent agent{f.port()};
  auto link = f.admit(agent);
  for (std::uint64_t i = 1; i <= 4; ++i) {
    auto x = agent.receive();
    REQUIRE(x);
    REQUIRE(x->kind == kind::server_ping);
    CHECK(protocol::parse_seq(*x) == i);
    agent.send(protocol::seq_frame(kind::agent_pong, i));
  }
  agent.send(protocol::job_started_frame("1"));
  CHECK(protocol::parse_job(f.frames.take()) == "1");
  CHECK(f.closed.empty());
}

TEST_CASE("an agent that falls silent is dropped") {
  fixture f{with_heartbeat(20ms)};
  fake_agent agent{f.port()};
  auto link = f.admit(agent);
  CHECK(f.closed.take() == "nothing came from the agent for 60 ms");
  while (auto x = agent.receive())
    CHECK(x->kind == kind::server_ping);
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

TEST_CASE_FIXTURE(fixture, "an agent that breaks the protocol is dropped") {
  struct row {
    std::string bytes;
    std::string reason;
  };
  std::string welcome;
  encode(protocol::welcome_frame(1), welcome);
  std::string hello;
  encode(to_frame(protocol::hello{}), hello);
  std::string ping;
  protocol::encode({kind::agent_ping, "{}", ""}, ping);
  const std::string broke = "the agent broke the protocol: ";
  for (const auto& x : {
         row{"\0\0\0\0"s, broke + "frame length 0 is below 4"},
         row{"\0\0\0\x04\x63"s, broke + "unknown frame kind 99"},
         row{welcome, broke + "it sent welcome"},
         row{hello, broke + "it sent hello"},
         row{ping, broke + "ping: missing key 'seq'"},
       }) {
    fake_agent agent{port()};
    auto link = admit(agent);
    agent.send(protocol::job_started_frame("before"));
    agent.send_bytes(x.bytes);
    CHECK(protocol::parse_job(frames.take()) == "before");
    CHECK(closed.take() == x.reason);
    CHECK_FALSE(agent.receive());
  }
}

TEST_CASE_FIXTURE(fixture,
                  "a handler that throws closes its connection alone") {
  fake_agent first{port()};
  first.say_hello();
  arrivals.take().link->accept(
    [](const protocol::frame& x) { protocol::parse_job_ended(x); },
    [this](std::string reason) {
      closed.put(std::move(reason));
      throw std::runtime_error("for the log");
    });
  fake_agent second{port()};
  auto link = admit(second);
  first.send({kind::job_ended, "{}", ""});
  CHECK(closed.take()
        == "the agent broke the protocol: job_ended: missing key 'job'");
  second.send(protocol::job_started_frame("2"));
  CHECK(protocol::parse_job(frames.take()) == "2");
}

TEST_CASE_FIXTURE(fixture, "an agent that goes away is reported once") {
  fake_agent agent{port()};
  auto link = admit(agent);
  agent.send(protocol::job_started_frame("last"));
  agent.close();
  CHECK(protocol::parse_job(frames.take()) == "last");
  CHECK(closed.take() == "the agent closed the connection");
  link->send(protocol::job_stored_frame("lost"));
  link->close();
  end();
  CHECK(closed.empty());
}

TEST_CASE_FIXTURE(fixture, "what was sent before a close arrives") {
  fake_agent agent{port()};
  auto link = admit(agent);
  agent.send(protocol::job_started_frame("1"));
  std::string big(10'000'000, 'x');
  link->send(to_frame(protocol::run_job{}, big));
  link->send(protocol::stop_frame(5));
  link->close();
  link->send(protocol::job_stored_frame("lost"));
  CHECK((agent.receive()->payload == big));
  CHECK(agent.receive()->kind == kind::stop);
  CHECK_FALSE(agent.receive());
  CHECK(closed.take() == "closed by the server");
}

TEST_CASE("an agent that does not read is dropped") {
  agent_server_config config;
  config.max_queued = 1024 * 1024;
  fixture f{config};
  fake_agent agent{f.port()};
  auto link = f.admit(agent);
  std::string block(256 * 1024, 'x');
  for (int i = 0; i < 1000; ++i)
    link->send(to_frame(protocol::run_job{}, block));
  CHECK(f.closed.take().starts_with("the agent does not read: "));
}

TEST_CASE_FIXTURE(fixture, "a frame over a limit is the sender's error") {
  fake_agent agent{port()};
  auto link = admit(agent);
  CHECK_THROWS_AS(link->send(to_frame(protocol::run_job{},
                                      std::string(protocol::max_frame, 'x'))),
                  protocol::protocol_error);
  link->send(protocol::stop_frame(1));
  CHECK(agent.receive()->kind == kind::stop);
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

TEST_CASE("a link outlives its server") {
  agent_link_ptr accepted;
  agent_link_ptr late;
  events<std::string> closed;
  {
    fixture f;
    fake_agent first{f.port()};
    accepted = f.admit(first);
    fake_agent second{f.port()};
    second.say_hello();
    late = f.arrivals.take().link;
  }
  accepted->send(protocol::job_stored_frame("lost"));
  accepted->close();
  late->accept([](const protocol::frame&) {},
               [&](std::string reason) { closed.put(std::move(reason)); });
  CHECK(closed.take() == "the server stops");
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
