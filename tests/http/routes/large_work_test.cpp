#include <chrono>
#include <future>
#include <string>
#include <thread>

#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "actors/services/logs.hpp"
#include "actors/services/progress.hpp"
#include "apps/actor_system.hpp"
#include "base/loop_watch.hpp"
#include "http/wire/server.hpp"
#include "tests/http/client.hpp"
#include "tests/http/fakes.hpp"

using namespace hearth;
using namespace hearth::test;

namespace {

/// A server over fakes whose actors run on the thread of its sockets, as they
/// do in the real one.
struct one_thread {
  one_thread() {
    conf::http_settings settings;
    settings.port = 0;
    actors = {system.spawn(fake_supervisor, &todo),
              system.spawn(fake_binaries, &todo),
              system.spawn(fake_store),
              system.spawn(fake_data),
              system.spawn(fake_results, &todo),
              system.spawn(fake_callbacks),
              system.spawn(progress),
              system.spawn(logs, "/nowhere")};
    server = std::make_unique<http::server>(io, settings, system, actors,
                                            fake_parsers());
    server->start();
    thread = std::thread{[this] { run_io(io, system, {}); }};
    todo.run = [](const job_request&) { return finished_job("j1"); };
    todo.create = [](const context_request&) { return context_record{}; };
  }

  ~one_thread() {
    std::promise<void> drained;
    server->stop(std::chrono::seconds{10}, [&] { drained.set_value(); });
    drained.get_future().wait();
    asio::post(io, [this] { server.reset(); });
    auto end = [](const auto& x) {
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    };
    end(actors.supervisor);
    end(actors.binaries);
    end(actors.store);
    end(actors.data);
    end(actors.results);
    end(actors.callbacks);
    end(actors.progress);
    end(actors.logs);
    actors = {};
    system.await_all_actors_done();
    io.stop();
    thread.join();
  }

  int call(std::string_view method, std::string_view target,
           std::string_view body = {}, std::string_view headers = {}) {
    return test::call(server->port(), method, target, body, headers).status;
  }

  script todo;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{
    io.get_executor()};
  hearth::system_config config;
  caf::actor_system system{config.run_actors_on(io)};
  actor_handles actors;
  std::unique_ptr<http::server> server;
  std::thread thread;
};

loop_watch::large_work count(const char* what) {
  return the_loop_watch().large()[what];
}

const auto large_body = R"({"x":")" + std::string(large_text, 'x') + "\"}";

} // namespace

TEST_CASE_FIXTURE(one_thread, "large bodies are parsed and hashed by helpers") {
  auto parsed = count("parse a body");
  auto hashed = count("hash a text");
  CHECK(call("POST", "/jobs?cp=a&mainClass=B", large_body) == 202);
  CHECK(
    call("POST", "/jobs?cp=a&mainClass=B", large_body, "Idempotency-Key: k\r\n")
    == 202);
  CHECK(call("POST", "/contexts/c", large_body) == 200);
  CHECK(count("parse a body").elsewhere == parsed.elsewhere + 3);
  CHECK(count("parse a body").on_loop == parsed.on_loop);
  CHECK(count("hash a text").elsewhere == hashed.elsewhere + 1);
  CHECK(count("hash a text").on_loop == hashed.on_loop);
}

TEST_CASE_FIXTURE(one_thread, "the memory of a large body is freed by a "
                              "helper") {
  auto before = count("free a body");
  CHECK(call("POST", "/jars/a", "PK\3\4" + std::string(2 << 20, 'x')) == 200);
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (count("free a body").elsewhere == before.elsewhere
         && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  CHECK(count("free a body").elsewhere == before.elsewhere + 1);
  CHECK(count("free a body").on_loop == before.on_loop);
}

TEST_CASE_FIXTURE(one_thread, "what is wrong with a large body is said") {
  auto broken = "[" + std::string(large_text, ' ');
  CHECK(call("POST", "/jobs?cp=a&mainClass=B", broken) == 400);
  CHECK(call("POST", "/contexts/c", broken) == 400);
  CHECK(call("POST", "/jobs", large_body) == 400); // says of no class
}

TEST_CASE_FIXTURE(one_thread, "long lists are rendered by helpers") {
  auto before = count("render an answer");
  CHECK(call("GET", "/jobs?limit=10000") == 200);
  CHECK(count("render an answer").elsewhere == before.elsewhere + 1);
  todo.binaries = 10'000;
  CHECK(call("GET", "/binaries") == 200);
  CHECK(call("GET", "/jars") == 200);
  CHECK(count("render an answer").elsewhere == before.elsewhere + 3);
  CHECK(count("render an answer").on_loop == before.on_loop);
}

TEST_CASE_FIXTURE(one_thread, "small bodies and lists need no helper") {
  auto parsed = count("parse a body");
  auto rendered = count("render an answer");
  CHECK(call("POST", "/jobs?cp=a&mainClass=B", "{}") == 202);
  CHECK(call("GET", "/jobs?limit=10") == 200);
  CHECK(count("parse a body").elsewhere == parsed.elsewhere);
  CHECK(count("render an answer").elsewhere == rendered.elsewhere);
}
