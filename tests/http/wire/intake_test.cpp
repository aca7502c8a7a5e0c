#include <sys/socket.h>

#include <doctest/doctest.h>

#include "tests/http/client.hpp"
#include "tests/http/test_server.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace std::chrono_literals;

namespace {

const std::string sync_job = "/jobs?cp=a&mainClass=B&context=ctx&sync=true";
const std::string held_job
  = "/jobs?cp=a&mainClass=held&context=ctx&sync=true&timeout=60";

/// A request that announces a body, without it.
std::string announced(std::string_view target, std::size_t bytes,
                      std::string_view fields = {}) {
  return "POST " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n"
         + std::string{fields} + "Content-Length: " + std::to_string(bytes)
         + "\r\n\r\n";
}

std::string chunk(const std::string& text) {
  constexpr auto digits = "0123456789abcdef";
  auto n = text.size();
  std::string size;
  for (; n > 0; n /= 16)
    size.insert(size.begin(), digits[n % 16]);
  return size + "\r\n" + text + "\r\n";
}

} // namespace

TEST_CASE("what is refused is answered, and then the connection is closed") {
  conf::http_settings settings;
  settings.max_url = 100;
  settings.max_header = 300;
  settings.max_body = 100;
  settings.max_upload = 200;
  test_server server{settings};
  const std::string host = "Host: localhost\r\n";
  struct row {
    std::string bytes;
    int status;
  };
  for (const auto& r : {
         row{"GET / HTTP/1.1\r\n\r\n", 400},
         row{"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400},
         row{"GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n", 421},
         row{"GET /" + std::string(100, 'x') + " HTTP/1.1\r\n", 414},
         row{"GET / HTTP/1.1\r\n" + host + "X: " + std::string(300, 'x'), 431},
         row{"BREW / HTTP/1.1\r\n", 501},
         row{"GET / HTTP/3.0\r\n\r\n", 505},
         row{"\x16\x03\x01\x02", 400},
         row{announced(sync_job, 101), 413},
         row{announced("/binaries/x", 201), 413},
         row{announced("/nonsense", 50), 404},
         row{announced("/contexts", 50), 405},
         row{announced(sync_job, 50, "Origin: http://evil.test\r\n"), 403},
         row{announced(sync_job, 50, "Sec-Fetch-Site: cross-site\r\n"), 403},
         row{announced(sync_job, 50, "Content-Encoding: gzip\r\n"), 415},
         row{announced(sync_job, 50, "Expect: miracles\r\n"), 417},
         row{"POST " + sync_job + " HTTP/1.1\r\n" + host
               + "Transfer-Encoding: chunked\r\n\r\n"
               + chunk(std::string(101, ' ')),
             413},
         row{"POST " + sync_job + " HTTP/1.1\r\n" + host
               + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX",
             400},
       }) {
    CAPTURE(r.bytes);
    client c{server.port()};
    c.send(r.bytes);
    auto x = c.receive();
    CHECK(x.status == r.status);
    CHECK(x.has("Connection: close\r\n"));
    CHECK(x.has("Date: "));
    CHECK(x.body.find("\"status\":\"ERROR\"") != std::string::npos);
    CHECK(c.closed());
  }
  CHECK(call(server.port(), "GET", "/contexts").status == 200);
}

TEST_CASE("a client that goes on sending gets the answer all the same") {
  test_server server;
  client c{server.port()};
  c.send(announced("/nonsense", 20'000'000));
  c.send(std::string(20'000'000, 'x'));
  CHECK(c.receive().status == 404);
  CHECK(c.closed());
}

TEST_CASE("a refusal waits for the answers to earlier requests") {
  test_server server;
  client c{server.port()};
  c.send(request("POST", held_job, "{}") + request("GET", "/contexts")
         + "GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n"
         + request("GET", "/contexts"));
  server.todo.wait_for_held(1);
  server.todo.held[0].deliver(finished_job("j1"));
  CHECK(c.receive().status == 200);
  CHECK(c.receive().body == R"(["ctx"])");
  CHECK(c.receive().status == 421);
  CHECK(c.rest() == "");
}

TEST_CASE("HEAD is refused without a body") {
  test_server server;
  client c{server.port()};
  c.send("HEAD / HTTP/1.1\r\nHost: evil.test\r\n\r\n");
  auto x = c.receive(true);
  CHECK(x.status == 421);
  CHECK(c.rest() == "");
}

TEST_CASE("Expect is answered before the body, or the body is refused") {
  test_server server;
  client c{server.port()};
  for (int i = 0; i < 2; ++i) {
    c.send(announced(sync_job, 2, "Expect: 100-continue\r\n"));
    CHECK(c.receive(true).status == 100);
    c.send("{}");
    CHECK(c.receive().status == 200);
  }
  // It is not told to go on while an earlier answer is outstanding.
  c.send(request("POST", held_job, "{}")
         + announced(sync_job, 2, "Expect: 100-continue\r\n"));
  server.todo.wait_for_held(1);
  server.todo.held[0].deliver(finished_job("j1"));
  CHECK(c.receive().status == 200);
  CHECK(c.receive(true).status == 100);
  // Who sends the body all the same need not be told.
  c.send("{}" + announced(sync_job, 2, "Expect: 100-continue\r\n") + "{}");
  CHECK(c.receive().status == 200);
  CHECK(c.receive().status == 200);
  c.send(announced(sync_job, 1'000'000'000, "Expect: 100-continue\r\n"));
  CHECK(c.receive().status == 413);
  CHECK(c.closed());
}

TEST_CASE("a client that shut its writing side gets its answers") {
  test_server server;
  for (auto bytes : {request("GET", "/contexts"),
                     request("GET", "/contexts") + request("GET", "/contexts"),
                     request("POST", held_job, "{}")}) {
    client c{server.port()};
    c.send(bytes);
    c.shut_writing();
    if (bytes.starts_with("POST")) {
      server.todo.wait_for_held(1);
      server.todo.held[0].deliver(finished_job("j1"));
    }
    CHECK(c.receive().status == 200);
    CHECK(c.closed());
  }
}

TEST_CASE("a body is refused while others take the whole budget") {
  conf::http_settings settings;
  settings.upload_budget = 100'000;
  test_server server{settings};
  client first{server.port()};
  first.send(request("POST", held_job, '{' + std::string(89'998, ' ') + '}'));
  server.todo.wait_for_held(1);
  client second{server.port()};
  second.send(announced("/jars/a", 90'000) + "PK\3\4");
  second.send(std::string(80'000, 'x'));
  auto refused = second.receive();
  CHECK(refused.status == 503);
  CHECK(refused.has("Retry-After: 1\r\n"));
  CHECK(refused.body.find("uploaded at once") != std::string::npos);
  CHECK(second.closed());
  server.todo.held[0].deliver(finished_job("j1"));
  CHECK(first.receive().status == 200);
  auto jar = "PK\3\4" + std::string(89'996, 'x');
  CHECK(call(server.port(), "POST", "/jars/a", jar).status == 200);
}

TEST_CASE("a body that stalls gives way to one that comes") {
  conf::http_settings settings;
  settings.upload_budget = 10'000;
  test_server server{settings};
  client stalled{server.port()};
  // All of it comes in one piece: with the first answer, the rest was seen.
  stalled.send(request("GET", "/contexts") + announced("/jars/a", 9'000)
               + std::string(8'000, 'x'));
  CHECK(stalled.receive().status == 200);
  auto jar = "PK\3\4" + std::string(8'996, 'x');
  // The first has two seconds to go on.
  auto status = 503;
  while (status == 503)
    status = call(server.port(), "POST", "/jars/a", jar).status;
  CHECK(status == 200);
  CHECK(stalled.receive().status == 408);
}

TEST_CASE("an announced length takes no memory") {
  conf::http_settings settings;
  settings.max_upload = std::size_t{1} << 40;
  settings.upload_budget = std::size_t{1} << 40;
  test_server server{settings};
  client c{server.port()};
  c.send(announced("/jars/a", settings.max_upload, "Expect: 100-continue\r\n"));
  CHECK(c.receive(true).status == 100);
}

TEST_CASE("answers that nobody reads are bounded in sum") {
  conf::http_settings settings;
  settings.answer_budget = 32 << 20;
  test_server server{settings};
  server.todo.run = [](const job_request&) -> caf::result<job_record> {
    auto x = finished_job("j1");
    x.result = '"' + std::string(20 << 20, 'x') + '"';
    return x;
  };
  client first{server.port()};
  first.send(request("POST", sync_job, "{}"));
  // It has begun, and waits to be read from now on.
  CHECK(first.receive(true).status == 200);
  client second{server.port()};
  while (true) {
    auto x = second.call("POST", sync_job, "{}");
    // Its own answer is too many, until the other counts as stalled.
    if (x.status == 200)
      break;
    CHECK(x.status == 503);
    CHECK(x.body.find("wait to be read") != std::string::npos);
  }
  CHECK(first.rest().size() < (20 << 20));
}

TEST_CASE("whole URLs and an asterisk are targets, too") {
  test_server server;
  client c{server.port()};
  c.send("GET http://localhost:1/contexts HTTP/1.1\r\nHost: other\r\n\r\n");
  CHECK(c.receive().body == R"(["ctx"])");
  c.send("GET http://127.0.0.1 HTTP/1.1\r\nHost: other\r\n\r\n");
  CHECK(c.receive().status == 200);
  c.send("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n");
  auto x = c.receive();
  CHECK(x.status == 200);
  CHECK(x.has("Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS\r\n"));
  c.send("GET http://evil.test/contexts HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(c.receive().status == 421);
}
