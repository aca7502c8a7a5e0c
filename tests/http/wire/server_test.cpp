#include <sys/resource.h>

#include <doctest/doctest.h>

#include "tests/http/client.hpp"
#include "tests/http/test_server.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* held_job
  = "/jobs?cp=a&mainClass=held&context=ctx&sync=true&timeout=60";

std::string repeat(std::size_t n, const std::string& text) {
  std::string result;
  while (n-- > 0)
    result += text;
  return result;
}

bool still_serves(std::uint16_t port) {
  return call(port, "GET", "/contexts").body == R"(["ctx"])";
}

/// Lowers the limit of open files while it lives.
class few_descriptors {
public:
  explicit few_descriptors(rlim_t n) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    auto now = before_;
    now.rlim_cur = n;
    ::setrlimit(RLIMIT_NOFILE, &now);
  }
  ~few_descriptors() {
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  few_descriptors(const few_descriptors&) = delete;
  few_descriptors& operator=(const few_descriptors&) = delete;

private:
  rlimit before_{};
};

} // namespace

TEST_CASE("the main routes are served over one connection") {
  test_server server;
  client c{server.port()};
  CHECK(c.call("GET", "/healthz").body == R"({"status":"SUCCESS"})");
  CHECK(c.call("GET", "/contexts").body == R"(["ctx"])");
  auto x = c.call("POST", "/jobs?appName=a&classPath=a.B&context=ctx&sync=true",
                  "{}");
  CHECK(x.status == 200);
  CHECK(x.body == R"({"jobId":"j1","result":[2,4,6]})");
  CHECK(x.has("Content-Type: application/json\r\n"));
  CHECK(x.has("Date: "));
}

TEST_CASE("HEAD has the headers of GET and no body") {
  test_server server;
  client c{server.port()};
  auto get = c.call("GET", "/contexts");
  auto head = c.call("HEAD", "/contexts");
  CHECK(head.status == 200);
  CHECK(head.has("Content-Length: " + std::to_string(get.body.size())));
  CHECK(head.has("Content-Type: application/json\r\n"));
  CHECK(c.call("GET", "/contexts").body == get.body);
}

TEST_CASE("HEAD of what nobody knows the length of names none") {
  test_server server;
  client c{server.port()};
  c.send(request("HEAD", "/contexts/ctx/logs?follow=true"));
  auto head = c.receive(true);
  CHECK(head.status == 200);
  CHECK_FALSE(head.has("Content-Length:"));
  CHECK(head.has("Content-Type: text/plain"));
  CHECK(head.has("Connection: close\r\n"));
  CHECK(c.rest().empty());
}

TEST_CASE("a preflight of DELETE is allowed") {
  conf::http_settings settings;
  settings.allowed_origins = "http://a.example";
  test_server server{settings};
  auto x = call(server.port(), "OPTIONS", "/jobs/x", {},
                "Origin: http://a.example\r\n"
                "Access-Control-Request-Method: DELETE\r\n"
                "Access-Control-Request-Headers: X-One\r\n");
  CHECK(x.status == 200);
  CHECK(x.has("Access-Control-Allow-Methods: GET, HEAD, DELETE, OPTIONS\r\n"));
  CHECK(x.has("Access-Control-Allow-Headers: X-One\r\n"));
  CHECK(x.has("Access-Control-Allow-Origin: http://a.example\r\n"));
}

TEST_CASE("a body over its limit is answered, and the connection lives on") {
  conf::http_settings settings;
  settings.max_body = 10;
  test_server server{settings};
  client c{server.port()};
  CHECK(c.call("POST", "/jobs?cp=a&mainClass=B", "{         }").status == 413);
  CHECK(c.call("GET", "/contexts").status == 200);
}

TEST_CASE("bodies beyond the budget are refused until others are done") {
  conf::http_settings settings;
  settings.upload_budget = 10;
  test_server server{settings};
  client first{server.port()};
  first.send(request("POST", held_job, "{      }"));
  server.todo.wait_for_held(1);
  client second{server.port()};
  auto x = second.call("POST", "/jobs?cp=a&mainClass=B&sync=true", "{      }");
  CHECK(x.status == 503);
  CHECK(x.has("Retry-After: 1\r\n"));
  CHECK(second.closed());
  server.todo.held[0].deliver(finished_job("j1"));
  CHECK(first.receive().status == 200);
  CHECK(
    call(server.port(), "POST", "/jobs?cp=a&mainClass=B&sync=true", "{      }")
      .status
    == 200);
}

TEST_CASE("a server at its limit refuses all but the question for its health") {
  conf::http_settings settings;
  settings.max_requests = 1;
  http::deadlines wait;
  wait.patience = 1h;
  test_server server{settings, wait};
  client first{server.port()};
  first.send(request("POST", held_job, "{}"));
  server.todo.wait_for_held(1);
  client second{server.port()};
  for (auto [verb, path] : {std::pair{"GET", "/contexts"},
                            {"POST", held_job},
                            {"GET", "/healthzz"}}) {
    auto x = second.call(verb, path, "{}");
    CHECK(x.status == 503);
    CHECK(x.has("Retry-After: 1\r\n"));
    CHECK(x.body.find("too many requests") != std::string::npos);
  }
  CHECK(second.call("GET", "/healthz").status == 200);
  CHECK(second.call("GET", "/healthz?x").status == 200);
  server.todo.held[0].deliver(finished_job("j1"));
  CHECK(first.receive().status == 200);
  CHECK(second.call("GET", "/contexts").status == 200);
}

TEST_CASE("where many wait already, none may wait, but others are served") {
  conf::http_settings settings;
  settings.max_requests = 1;
  settings.max_waiting = 1;
  http::deadlines wait;
  wait.patience = 0ms;
  test_server server{settings, wait};
  client first{server.port()};
  first.send(request("POST", held_job, "{}"));
  server.todo.wait_for_held(1);
  client second{server.port()};
  CHECK(second.call("GET", "/contexts").status == 200);
  for (auto [verb, path] : {std::pair{"POST", held_job},
                            {"GET", "/jobs/j1?wait=5"},
                            {"GET", "/jobs/j1/logs?follow=true"}}) {
    auto x = second.call(verb, path, "{}");
    CHECK(x.status == 503);
    CHECK(x.has("Retry-After: 1\r\n"));
    CHECK(x.body.find("wait for something") != std::string::npos);
  }
  server.todo.held[0].deliver(finished_job("j1"));
  CHECK(first.receive().status == 200);
  CHECK(second.call("GET", "/jobs/j1/logs?follow=false").status == 200);
}

TEST_CASE("what the parser lets through by mistake is refused") {
  test_server server;
  struct row {
    const char* bytes;
    int status;
  };
  for (const auto& r :
       {row{"GET /contexts HTTP/1.1\r\n\r\n", 400},
        row{"GET /contexts HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        row{"GET /contexts HTTP/1.0\r\n\r\n", 200},
        row{"POST /contexts/c HTTP/1.1\r\nHost: localhost\r\n"
            "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            400},
        row{"POST /contexts/c HTTP/1.1\r\nHost: localhost\r\n"
            "Transfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            200}}) {
    CAPTURE(r.bytes);
    client c{server.port()};
    c.send(r.bytes);
    CHECK(c.receive().status == r.status);
  }
}

TEST_CASE("a request to upgrade is answered as any other, then closed") {
  test_server server;
  constexpr auto upgrade = "Connection: Upgrade, HTTP2-Settings\r\n"
                           "Upgrade: h2c\r\n"
                           "HTTP2-Settings: AAMAAABkAAQAAP__\r\n";
  for (auto [verb, body] : {std::pair{"GET", ""}, {"POST", "{}"}}) {
    client c{server.port()};
    auto x = c.call(verb, "/contexts/ctx", body, upgrade);
    CHECK(x.status == 200);
    CHECK(x.has("Connection: close\r\n"));
    CHECK(c.closed());
  }
}

TEST_CASE("a burst of pipelined requests is answered in order") {
  test_server server;
  client c{server.port()};
  c.send(repeat(20, request("GET", "/jobs/j1") + request("GET", "/nonsense")));
  for (int i = 0; i < 20; ++i) {
    CHECK(c.receive().status == 200);
    CHECK(c.receive().status == 404);
  }
  CHECK(c.call("GET", "/contexts").status == 200);
}

TEST_CASE("clients that reset at once do no harm") {
  test_server server;
  for (int i = 0; i < 300; ++i)
    client{server.port()}.reset();
  CHECK(still_serves(server.port()));
}

TEST_CASE("a server without free descriptors turns clients away and recovers") {
  few_descriptors limit{100};
  test_server server;
  {
    std::vector<std::unique_ptr<client>> many;
    auto answered = true;
    while (answered) {
      many.push_back(std::make_unique<client>(server.port()));
      answered = many.back()->call("GET", "/contexts").status == 200;
    }
    CHECK(many.size() > 20);
    for (int i = 0; i < 200; ++i)
      CHECK(client{server.port()}.closed());
    CHECK(many.front()->call("GET", "/contexts").status == 200);
  }
  // The server has to see that they are gone.
  while (!still_serves(server.port()))
    std::this_thread::yield();
}

TEST_CASE("no more connections are taken than the settings say") {
  conf::http_settings settings;
  settings.max_connections = 30;
  test_server server{settings};
  std::vector<std::unique_ptr<client>> many;
  auto answered = true;
  while (answered) {
    many.push_back(std::make_unique<client>(server.port()));
    answered = many.back()->call("GET", "/contexts").status == 200;
  }
  // Both ends are in this process, and so are the server's own descriptors.
  CHECK(many.size() > 10);
  CHECK(many.size() <= 16);
}

TEST_CASE("an idle connection is closed, one that waits for a job is not") {
  conf::http_settings settings;
  settings.idle_timeout = 200ms;
  test_server server{settings};
  client waiting{server.port()};
  waiting.send(request("POST", held_job, "{}"));
  server.todo.wait_for_held(1);
  for (int i = 0; i < 3; ++i) {
    client idle{server.port()};
    CHECK(idle.call("GET", "/contexts").status == 200);
    CHECK(idle.closed());
  }
  server.todo.held[0].deliver(finished_job("j1"));
  CHECK(waiting.receive().status == 200);
}

TEST_CASE("a request that arrives too slowly is cut off") {
  conf::http_settings settings;
  settings.idle_timeout = 200ms;
  settings.min_receive_rate = 1 << 30;
  test_server server{settings};
  client c{server.port()};
  c.send("POST /jobs HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{");
  CHECK(c.closed());
}

TEST_CASE("a client's address may have as many connections as the limit says") {
  conf::http_settings settings;
  settings.max_client_connections = 2;
  test_server server{settings};
  client first{server.port()};
  client second{server.port()};
  CHECK(first.call("GET", "/contexts").status == 200);
  CHECK(second.call("GET", "/contexts").status == 200);
  CHECK(client{server.port()}.closed());
  first.reset();
  // The server has to see that it is gone.
  while (!still_serves(server.port()))
    std::this_thread::yield();
}

TEST_CASE("RESTinio's own limits lie above every wait and limit of ours") {
  conf::http_settings settings;
  http::deadlines wait;
  auto hard = http::hard_limits_of(settings, wait);
  CHECK(hard.handle > settings.max_sync_wait + wait.margin);
  CHECK(hard.handle > wait.upload);
  CHECK(hard.body >= 2 * settings.max_upload);
  CHECK(hard.url >= 2 * settings.max_url);
  CHECK(hard.header_field >= 2 * settings.max_header);
  CHECK(hard.read >= settings.idle_timeout);
  CHECK(hard.read >= 500s);
}

TEST_CASE("a client that is gone before its answer does no harm") {
  test_server server;
  for (std::size_t i = 0; i < 20; ++i) {
    client c{server.port()};
    c.send(request("POST", held_job, "{}"));
    server.todo.wait_for_held(i + 1);
    c.reset();
  }
  for (auto& answer : server.todo.held)
    answer.deliver(finished_job("j1"));
  CHECK(still_serves(server.port()));
}

TEST_CASE("an exception is an answer, and the connection lives on") {
  test_server server;
  client c{server.port()};
  CHECK(c.call("POST", "/jobs?cp=a&mainClass=B", "{throw}").status == 500);
  CHECK(c.call("GET", "/contexts/%zz").status == 400);
  CHECK(c.call("GET", "/contexts").status == 200);
}

TEST_CASE("a long answer arrives whole") {
  test_server server;
  client c{server.port()};
  for (int i = 0; i < 3; ++i) {
    auto x = c.call("GET", "/jobs/big");
    CHECK(x.body.size() > 5 << 20);
    CHECK(x.body.ends_with(R"("stateVersion":0})"));
  }
}

TEST_CASE("an upload reaches its actor whole") {
  test_server server;
  std::promise<std::size_t> size;
  server.todo.put = [&](const binary_upload& x) -> caf::result<binary_record> {
    size.set_value(x.content->size());
    return binary_record{};
  };
  auto x = call(server.port(), "POST", "/jars/a",
                "PK\3\4" + std::string(10 << 20, 'x'));
  CHECK(x.status == 200);
  CHECK(size.get_future().get() == (10 << 20) + 4);
}

TEST_CASE("a port that is taken is an error that names it") {
  test_server server;
  asio::io_context io;
  system_config config;
  caf::actor_system system{config};
  conf::http_settings settings;
  settings.port = server.port();
  http::server second{io, settings, system, {}, fake_parsers()};
  try {
    second.start();
    FAIL("two servers on one port");
  } catch (const std::runtime_error& e) {
    CHECK(std::string{e.what()}.starts_with(
      "cannot listen on 127.0.0.1:" + std::to_string(server.port()) + ": "));
  }
}

TEST_CASE("a stop lets what is under way be answered") {
  test_server server;
  client idle{server.port()};
  CHECK(idle.call("GET", "/contexts").status == 200);
  client waiting{server.port()};
  waiting.send(request("POST", held_job, "{}"));
  server.todo.wait_for_held(1);
  auto drained = server.stop(60s);
  auto refused = idle.call("GET", "/contexts");
  CHECK(refused.status == 503);
  CHECK(refused.has("Connection: close\r\n"));
  CHECK_THROWS(client{server.port()});
  CHECK(drained.wait_for(0s) == std::future_status::timeout);
  server.todo.held[0].deliver(finished_job("j1"));
  auto x = waiting.receive();
  CHECK(x.status == 200);
  CHECK(x.has("Connection: close\r\n"));
  CHECK(waiting.closed());
  drained.get();
}

TEST_CASE("what is under way at the deadline of a stop is answered 503") {
  test_server server;
  client waiting{server.port()};
  waiting.send(request("POST", held_job, "{}"));
  server.todo.wait_for_held(1);
  server.stop(0s).get();
  auto x = waiting.receive();
  CHECK(x.status == 503);
  CHECK(x.body.find("shutting down") != std::string::npos);
}

TEST_CASE("a server without work stops at once; idle connections end with it") {
  test_server server;
  client idle{server.port()};
  CHECK(idle.call("GET", "/contexts").status == 200);
  server.stop(60s).get();
  server.destroy();
  CHECK(idle.closed());
}

TEST_CASE("actors may answer when server and io_context are gone") {
  test_server server;
  client waiting{server.port()};
  waiting.send(request("POST", held_job, "{}"));
  server.todo.wait_for_held(1);
  server.destroy();
  CHECK(waiting.closed());
  server.todo.held[0].deliver(finished_job("j1"));
}
