// What an agent may make the server hold.

#include <atomic>
#include <filesystem>
#include <iterator>
#include <mutex>
#include <vector>

#include <asio/post.hpp>
#include <doctest/doctest.h>

#include "tests/runtime/link/fixture.hpp"

namespace {

constexpr std::size_t bound = 1024 * 1024;

agent_server_config with_bound() {
  agent_server_config result;
  result.max_unhandled = bound;
  return result;
}

std::string bytes_of(const protocol::frame& x) {
  std::string result;
  encode(x, result);
  return result;
}

/// The io_context has come to everything that was ready before.
void turn(fixture& f) {
  events<int> done;
  for (int i = 0; i < 3; ++i) {
    asio::post(f.io, [&] { done.put(0); });
    done.take();
  }
}

std::size_t open_descriptors() {
  std::filesystem::directory_iterator i{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(i), end(i)));
}

protocol::frame part(const std::string& job, std::size_t size) {
  return protocol::result_part_frame(job, std::string(size, 'x'));
}

std::string text_of_progress(const protocol::frame& x) {
  REQUIRE(x.kind == kind::job_progress);
  return protocol::parse_job_progress(x).text;
}

protocol::frame progress(const std::string& job, int done) {
  return to_frame(
    protocol::job_progress{job, done, 1000, std::to_string(done)});
}

} // namespace

TEST_CASE("an agent that sends faster than it is heard is not read") {
  fixture f{with_bound()};
  fake_agent agent{f.where()};
  std::atomic<std::size_t> held = 0;
  std::mutex mutex;
  std::vector<protocol::frame> frames;
  agent.say_hello();
  f.arrivals.take().link->accept(
    [&](protocol::frame x) {
      held += x.payload.size() + x.header.size();
      std::lock_guard guard{mutex};
      frames.push_back(std::move(x));
    },
    [&](std::string reason) { f.closed.put(std::move(reason)); });
  CHECK(agent.receive()->kind == kind::welcome);

  auto one = bytes_of(
    to_frame(protocol::log_line{"info", std::string(10'000, 'x'), {}}));
  constexpr std::size_t count = 10'000; // 100 MB, no kernel buffers so much
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i)
    bytes += one;
  std::size_t sent = 0;
  auto send_until_full = [&] {
    // Only if it is full for long is it not read.
    for (int full = 0; sent < bytes.size() && full < 100;) {
      if (auto n = agent.send_some(bytes.data() + sent, bytes.size() - sent)) {
        sent += n;
        full = 0;
      } else {
        turn(f);
        ++full;
      }
    }
  };
  send_until_full();
  REQUIRE(sent < bytes.size());
  CHECK(held >= bound / 2);
  CHECK(held <= bound + 128 * 1024);

  // It goes on when they are handled.
  std::size_t handled = 0;
  while (handled < count) {
    turn(f);
    {
      std::lock_guard guard{mutex};
      handled += frames.size();
      frames.clear();
      CHECK(held <= bound + 128 * 1024);
      held = 0;
    }
    if (sent < bytes.size())
      send_until_full();
  }
  CHECK(handled == count);
  CHECK(f.closed.empty());
}

TEST_CASE_FIXTURE(fixture, "a result beyond its credit closes the link") {
  fake_agent agent{where()};
  auto link = admit(agent);
  for (int i = 0; i < 4; ++i)
    agent.send(part("a", result_window / 4));
  agent.send(part("b", result_window)); // each job has its own
  for (int i = 0; i < 5; ++i)
    frames.take();
  // With more credit it may go on.
  link->send(protocol::credit_frame("a", 1000));
  agent.send(part("a", 1000));
  frames.take();
  agent.send(part("a", 1));
  CHECK(closed.take()
        == "the agent broke the protocol: the result of job a is 1048577 bytes "
           "ahead of its credit, 1048576 are allowed");
  CHECK(frames.empty());
}

TEST_CASE_FIXTURE(fixture, "a job that ended leaves no account behind") {
  fake_agent agent{where()};
  auto link = admit(agent);
  for (int i = 0; i < 3; ++i) {
    agent.send(part("a", result_window));
    agent.send(to_frame(protocol::job_ended{"a", {}, {}}, "[]"));
    frames.take();
    CHECK(frames.take().kind == kind::job_ended);
  }
}

TEST_CASE_FIXTURE(fixture, "of a job's progress only the newest is kept") {
  fake_agent agent{where()};
  auto link = admit(agent);
  agent.send(progress("j", 1));
  auto first = frames.take(); // and not handled yet
  CHECK(text_of_progress(first) == "1");
  for (int i = 2; i <= 1000; ++i)
    agent.send(progress("j", i));
  agent.send(progress("k", 7));
  agent.send(to_frame(protocol::log_line{"info", "end", {}}));
  CHECK(frames.take().kind == kind::log);
  CHECK(frames.empty());
  first = {};
  CHECK(text_of_progress(frames.take()) == "1000");
  CHECK(text_of_progress(frames.take()) == "7");
  turn(*this);
  CHECK(frames.empty());
}

TEST_CASE_FIXTURE(fixture, "no progress comes after the end of its job") {
  fake_agent agent{where()};
  auto link = admit(agent);
  agent.send(progress("j", 1));
  auto first = frames.take();
  agent.send(progress("j", 2));
  agent.send(to_frame(protocol::job_ended{"j", {}, {}}, "[]"));
  CHECK(text_of_progress(frames.take()) == "2");
  CHECK(frames.take().kind == kind::job_ended);
}

TEST_CASE("an agent that is not read does not count as silent") {
  auto config = with_bound();
  config.heartbeat = 5ms;
  config.silence = 10ms;
  fixture f{config};
  fake_agent agent{f.where()};
  auto link = f.admit(agent);
  agent.send(part("a", result_window));
  auto kept = f.frames.take(); // the bound, and its frame's own cost
  for (int i = 0; i < 10; ++i)
    CHECK(agent.receive()->kind == kind::server_ping);
  CHECK(f.closed.empty());
}

TEST_CASE("a connection that is not read can be closed in order") {
  fixture f{with_bound()};
  auto before = open_descriptors();
  fake_agent agent{f.where()};
  auto link = f.admit(agent);
  agent.send(part("a", result_window));
  auto kept = f.frames.take();
  agent.send(part("b", 50'000)); // stays unread, in any socket
  link->send(protocol::stop_frame(1));
  link->close();
  CHECK(f.closed.take() == "closed by the server");
  CHECK(agent.receive()->kind == kind::stop);
  CHECK_FALSE(agent.receive());
  // The server reads the rest, and so sees that the agent has closed, too.
  agent.close();
  for (int i = 0; i < 2000 && open_descriptors() > before; ++i)
    turn(f);
  CHECK(open_descriptors() == before);
}

namespace {

/// What an agent is answered when it asks for a block of a file, without the
/// agent that is asked for it: `fixture` keeps the requests.
protocol::frame block_for(protocol::frame request) {
  auto asked = protocol::parse_read_file(request);
  auto result = to_frame(protocol::file_block{asked.request, asked.length, {}},
                         std::string(asked.length, 'x'));
  result.lease = std::move(request.lease);
  return result;
}

protocol::frame read_file(std::uint64_t number, std::uint64_t length) {
  protocol::read_file x;
  x.job = "j";
  x.request = number;
  x.data = "a file";
  x.length = length;
  return to_frame(x);
}

/// Admits an agent whose requests for files are answered at once.
void serve(fixture& f, fake_agent& agent, std::atomic<std::size_t>& served) {
  agent.say_hello();
  auto link = f.arrivals.take().link;
  link->accept(
    [&f, &served, link = link.get()](protocol::frame x) {
      if (x.kind != kind::read_file)
        return f.frames.put(std::move(x));
      ++served;
      link->send(block_for(std::move(x)));
    },
    [&](std::string reason) { f.closed.put(std::move(reason)); });
  CHECK(agent.receive()->kind == kind::welcome);
}

} // namespace

TEST_CASE("an agent that does not read files gets no more of them, and is "
          "heard") {
  agent_server_config config;
  config.max_file_answers = bound;
  fixture f{config};
  fake_agent agent{f.where()};
  std::atomic<std::size_t> served = 0;
  serve(f, agent, served);
  constexpr std::size_t block = 256 * 1024;
  constexpr std::size_t count = 400; // 100 MB, no kernel buffers so much
  for (std::size_t i = 0; i < count; ++i)
    agent.send(read_file(i, block));
  agent.send(to_frame(protocol::log_line{"info", "heard", {}}));
  CHECK(f.frames.take().kind == kind::log);
  CHECK(served >= bound / block);
  CHECK(served < count / 2);
  for (std::size_t i = 0; i < count; ++i) {
    auto x = agent.receive();
    REQUIRE(x);
    REQUIRE(x->kind == kind::file_block);
    CHECK(protocol::parse_file_block(*x).request == i);
    CHECK(x->payload.size() == block);
  }
  CHECK(served == count);
  CHECK(f.closed.empty());
}

TEST_CASE("an agent that asks for files and never reads is dropped") {
  auto config = with_bound();
  config.max_file_answers = bound;
  config.heartbeat = 50ms;
  config.silence = 200ms;
  fixture f{config};
  fake_agent agent{f.where()};
  std::atomic<std::size_t> served = 0;
  serve(f, agent, served);
  std::string bytes;
  for (std::uint64_t i = 0; i < 1000; ++i)
    bytes += bytes_of(read_file(i, 1024 * 1024));
  for (std::size_t at = 0; f.closed.empty();) {
    at += agent.send_some(bytes.data() + at, bytes.size() - at);
    at %= bytes.size();
    turn(f);
  }
  CHECK(served < 50);
  CHECK(f.closed.take()
        == "the agent has read nothing for 200 ms, though answers wait for it");
}
