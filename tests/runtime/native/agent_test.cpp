#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "tests/runtime/native/fake_server.hpp"

using namespace hearth;
using namespace std::chrono_literals;
using protocol::kind;
using test::job;

namespace {

/// An agent that its server has welcomed.
struct fixture {
  fixture() {
    hello = server.welcome();
    server.expect(kind::context_ready);
  }

  ~fixture() {
    server.send(protocol::stop_frame(10'000));
    thread.join();
  }

  /// What is said of a job next, but for its start.
  protocol::frame run(const protocol::frame& x) {
    server.send(x);
    auto answer = server.next();
    return answer.kind == kind::job_started ? server.next() : answer;
  }

  test::fake_server server;
  std::atomic<int> code{-1};
  std::thread thread{[this] {
    native::agent x{server.start_file(), server.folder()};
    code = x.run();
  }};
  protocol::hello hello;
};

std::string payload(const protocol::frame& x) {
  CAPTURE(x.header);
  CHECK(x.kind == kind::job_ended);
  return x.payload;
}

protocol::job_refused refusal(const protocol::frame& x) {
  CAPTURE(x.header);
  REQUIRE(x.kind == kind::job_refused);
  return protocol::parse_job_refused(x);
}

} // namespace

TEST_CASE_FIXTURE(fixture, "an agent introduces itself") {
  CHECK(hello.context_id == "c1");
  CHECK(hello.token == "secret");
  CHECK_FALSE(hello.ready);
  CHECK(hello.running.empty());
}

TEST_CASE_FIXTURE(fixture, "a short job's end is all that is said of it") {
  // A busy machine may make any one of them long.
  auto alone = 0;
  for (int i = 0; i < 20; ++i) {
    server.send(job(std::to_string(i), "version"));
    auto x = server.next();
    alone += x.kind == kind::job_ended ? 1 : 0;
    if (x.kind == kind::job_started)
      server.expect(kind::job_ended);
  }
  CHECK(alone > 0);
}

TEST_CASE_FIXTURE(fixture, "two versions run side by side") {
  CHECK(payload(run(job("a", "version"))) == "1");
  CHECK(payload(run(job("b", "version", "{}", "test_jobs_v2"))) == "2");
  CHECK(payload(run(job("c", "version"))) == "1");
  // Variables that a header defines, and statics of inline functions.
  CHECK(payload(run(job("d", "count_up"))) == "1");
  CHECK(payload(run(job("e", "count_up", "{}", "test_jobs_v2"))) == "1");
  CHECK(payload(run(job("f", "count_up"))) == "2");
  // A type of the same name, with another layout.
  CHECK(payload(run(job("g", "shared_shape"))) == "1");
  CHECK(payload(run(job("h", "shared_shape", "{}", "test_jobs_v2"))) == "2");
}

TEST_CASE_FIXTURE(fixture, "a job sees its configuration and its context") {
  CHECK(payload(run(job("j", "greet", R"({"input":{"name":"Jo"}})")))
        == R"("Hello, Jo")");
  CHECK(payload(run(job("k", "about", R"({"setting":"colour"})")))
        == R"({"job":"k","context":"context","cores":2,"setting":"blue"})");
  CHECK(payload(run(job("l", "about")))
        == R"({"job":"l","context":"context","cores":2,"setting":null})");
}

TEST_CASE_FIXTURE(fixture, "validation says no") {
  auto x = refusal(run(job("j", "greet", R"({"input":{"name":""}})")));
  CHECK(x.reason == protocol::refusal::validation_failed);
  CHECK(x.why.message == "input.name must not be empty");
  x = refusal(run(job("k", "greet")));
  CHECK(x.reason == protocol::refusal::validation_failed);
  CHECK(x.why.message == "the configuration has no value for 'input.name'");
  CHECK(x.why.error_class == "hearth::config_error");
}

TEST_CASE_FIXTURE(fixture, "an exception is the job's error") {
  auto x = protocol::parse_job_ended(run(job("j", "fails")));
  CHECK(x.outcome == protocol::outcome::error);
  CHECK(x.why.message == "it failed");
  CHECK(x.why.error_class.ends_with("custom_error"));
  x = protocol::parse_job_ended(run(job("k", "fails_without_exception_type")));
  CHECK(x.why.error_class == "int");
  // Bytes that are no UTF-8 cannot travel.
  x = protocol::parse_job_ended(
    run(job("l", "fails", "{\"message\":\"a\xff\"}")));
  CHECK(x.why.message == "a?");
}

TEST_CASE_FIXTURE(fixture, "what cannot be loaded is refused") {
  auto x = refusal(run(job("a", "nosuch")));
  CHECK(x.reason == protocol::refusal::class_not_found);
  CHECK(x.why.message.find("there are: version, count_up")
        != std::string::npos);
  x = refusal(run(job("b", "version", "{}", "test_wrong_abi")));
  CHECK(x.reason == protocol::refusal::loading_failed);
  CHECK(x.why.message.find("built for version 2.0") != std::string::npos);
  x = refusal(run(job("c", "version", "{}", "test_no_jobs")));
  CHECK(x.why.message.find("it is no job library") != std::string::npos);
  x = refusal(run(job("d", "version", "{}", "missing")));
  CHECK(x.why.message.find("cannot be read") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a job that runs for a while says so, and is "
                           "killed") {
  for (auto name : {"waits", "spins", "spreads", "streams_on"}) {
    CAPTURE(name);
    server.send(job(name, name));
    server.expect(kind::job_started);
    server.send(protocol::kill_job_frame(name));
    auto x = server.next();
    while (x.kind == kind::result_part)
      x = server.next();
    REQUIRE(x.kind == kind::job_ended);
    CHECK(protocol::parse_job_ended(x).outcome == protocol::outcome::killed);
  }
}

TEST_CASE_FIXTURE(fixture, "a large result comes in parts against credit") {
  constexpr std::size_t size = 3 << 20;
  server.send(job("j", "fills", R"({"bytes":3145728})"));
  CHECK(server.next().kind == kind::job_started);
  std::string result;
  for (int i = 0; i < 4; ++i)
    result += server.expect(kind::result_part).payload;
  CHECK(result.size() == 1 << 20);
  CHECK(server.silent_for(100ms));
  server.send(protocol::credit_frame("j", size));
  for (auto x = server.next();; x = server.next()) {
    result += x.payload;
    if (x.kind == kind::job_ended)
      break;
  }
  CHECK(result == '"' + std::string(size, 'x') + '"');
}

TEST_CASE_FIXTURE(fixture, "a result over the limit is an error") {
  auto x = protocol::parse_job_ended(
    run(job("j", "fills", R"({"bytes":3000000})", "test_jobs_v1", 1000)));
  CHECK(x.outcome == protocol::outcome::error);
  CHECK(x.why.message.find("limit of 1000 bytes") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "one of several jobs creates a named object") {
  for (auto id : {"a", "b", "c"})
    server.send(job(id, "creates_once"));
  int ended = 0;
  while (ended < 3) {
    auto x = server.next();
    if (x.kind != kind::job_ended)
      continue;
    ++ended;
    CHECK(x.payload == "1");
  }
}

TEST_CASE_FIXTURE(fixture, "a job that is sent again is not run again") {
  CHECK(payload(run(job("j", "count_up"))) == "1");
  server.send(job("j", "count_up"));
  CHECK(server.silent_for(100ms));
  server.send(protocol::job_stored_frame("j"));
  CHECK(payload(run(job("j", "count_up"))) == "2");
}

TEST_CASE_FIXTURE(fixture, "after a redial all is said again") {
  CHECK(payload(run(job("done", "version"))) == "1");
  server.send(job("busy", "waits"));
  server.expect(kind::job_started);
  server.send(job("large", "fills", R"({"bytes":2000000})"));
  CHECK(server.next().kind == kind::job_started);
  server.expect(kind::result_part);
  server.hang_up();
  auto hello = server.welcome();
  CHECK(hello.ready);
  CHECK(hello.running.size() + hello.ended.size() == 3);
  server.expect(kind::context_ready);
  std::string large;
  int ended = 0;
  auto started = false;
  while (ended < 2) {
    auto x = server.next();
    auto id = protocol::parse_job(x);
    ended += x.kind == kind::job_ended ? 1 : 0;
    started = started || (id == "busy" && x.kind == kind::job_started);
    if (id == "large") {
      large += x.payload;
      if (x.kind == kind::result_part)
        server.send(protocol::credit_frame(id, x.payload.size()));
    } else if (id == "done") {
      CHECK(x.payload == "1");
    }
  }
  CHECK(started);
  CHECK(large == '"' + std::string(2'000'000, 'x') + '"');
}
