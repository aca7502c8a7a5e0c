#include <future>
#include <thread>
#include <vector>

#include <asio/post.hpp>
#include <doctest/doctest.h>

#include "tests/runtime/link/fixture.hpp"

TEST_CASE_FIXTURE(fixture, "10,000 frames go both ways in their order") {
  constexpr int count = 10'000;
  fake_agent agent{where()};
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
  fake_agent agent{where()};
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
  fake_agent agent{where()};
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
    agent.send(to_frame(protocol::job_ended{"j", {}, {}}, x->payload));
    CHECK((frames.take().payload == expected));
  }
}

TEST_CASE_FIXTURE(fixture, "what an agent says before its welcome waits") {
  fake_agent agent{where()};
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
  fake_agent agent{where()};
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
  fake_agent agent{where()};
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
  fake_agent agent{f.where()};
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
  fake_agent agent{f.where()};
  auto link = f.admit(agent);
  CHECK(f.closed.take() == "nothing came from the agent for 60 ms");
  while (auto x = agent.receive())
    CHECK(x->kind == kind::server_ping);
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
    fake_agent agent{where()};
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
  fake_agent first{where()};
  first.say_hello();
  arrivals.take().link->accept(
    [](const protocol::frame& x) { protocol::parse_job_ended(x); },
    [this](std::string reason) {
      closed.put(std::move(reason));
      throw std::runtime_error("for the log");
    });
  fake_agent second{where()};
  auto link = admit(second);
  first.send({kind::job_ended, "{}", ""});
  CHECK(closed.take()
        == "the agent broke the protocol: job_ended: missing key 'job'");
  second.send(protocol::job_started_frame("2"));
  CHECK(protocol::parse_job(frames.take()) == "2");
}

TEST_CASE_FIXTURE(fixture, "an agent that goes away is reported once") {
  fake_agent agent{where()};
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

TEST_CASE_FIXTURE(fixture, "what goes along comes in order, and alone too") {
  fake_agent agent{where()};
  auto link = admit(agent);
  auto pong = [](std::uint64_t seq) {
    return protocol::seq_frame(kind::server_pong, seq);
  };
  link->send_along(pong(1));
  link->send_along(pong(2));
  link->send(pong(3));
  for (std::uint64_t seq = 1; seq <= 3; ++seq)
    CHECK(protocol::parse_seq(*agent.receive()) == seq);
  link->send_along(pong(4)); // nothing follows it
  CHECK(protocol::parse_seq(*agent.receive()) == 4);
}

TEST_CASE_FIXTURE(fixture, "a busy agent is heard, and written to, before the "
                           "sockets have their turn") {
  fake_agent agent{where()};
  auto link = admit(agent);
  std::promise<bool> heard;
  asio::post(io, [&] {
    agent.send(to_frame(protocol::job_ended{"j", {}, {}}, "1"));
    auto until = std::chrono::steady_clock::now() + deadline;
    do {
      link->send(protocol::job_stored_frame("j"));
      link->send(protocol::job_stored_frame("j"));
      server->look();
    } while (frames.empty() && std::chrono::steady_clock::now() < until);
    // Many were sent in a burst: the first alone was written at once.
    for (int i = 0; i < 2; ++i)
      CHECK(agent.receive()->kind == kind::job_stored);
    heard.set_value(!frames.empty());
  });
  CHECK(heard.get_future().get());
}

TEST_CASE_FIXTURE(fixture, "what was sent before a close arrives") {
  fake_agent agent{where()};
  auto link = admit(agent);
  agent.send(protocol::job_started_frame("1"));
  std::string big(8'000'000, 'x');
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
  fake_agent agent{f.where()};
  auto link = f.admit(agent);
  std::string block(256 * 1024, 'x');
  for (int i = 0; i < 1000; ++i)
    link->send(to_frame(protocol::run_job{}, block));
  CHECK(f.closed.take().starts_with("the agent does not read: "));
}

TEST_CASE_FIXTURE(fixture, "a frame over a limit is the sender's error") {
  fake_agent agent{where()};
  auto link = admit(agent);
  CHECK_THROWS_AS(link->send(to_frame(protocol::run_job{},
                                      std::string(protocol::max_frame, 'x'))),
                  protocol::protocol_error);
  link->send(protocol::stop_frame(1));
  CHECK(agent.receive()->kind == kind::stop);
}

TEST_CASE("a link outlives its server") {
  agent_link_ptr accepted;
  agent_link_ptr late;
  events<std::string> closed;
  {
    fixture f;
    fake_agent first{f.where()};
    accepted = f.admit(first);
    fake_agent second{f.where()};
    second.say_hello();
    late = f.arrivals.take().link;
  }
  accepted->send(protocol::job_stored_frame("lost"));
  accepted->close();
  late->accept([](const protocol::frame&) {},
               [&](std::string reason) { closed.put(std::move(reason)); });
  CHECK(closed.take() == "the server stops");
}
