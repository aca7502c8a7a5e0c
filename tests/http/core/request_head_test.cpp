#include <doctest/doctest.h>

#include "http/core/request_head.hpp"

using namespace hearth::http;

namespace {

using event = head_reader::event;

struct outcome {
  int requests = 0;
  std::size_t body = 0;
  int status = 0; ///< of the error, if any
  std::string text;
  std::string target; ///< of the last request
};

/// Reads all bytes in pieces of that size.
outcome read_all(const std::string& bytes, std::size_t piece,
                 head_reader::limits most = {100, 1000}) {
  head_reader reader{most};
  outcome result;
  for (std::size_t at = 0; at < bytes.size();) {
    // A copy, so that a pointer that is kept for too long is found.
    auto block = bytes.substr(at, piece);
    std::size_t used = 0;
    while (used < block.size()) {
      auto step = reader.read(std::string_view{block}.substr(used));
      used += step.used;
      result.body += step.body;
      if (step.what == event::head)
        result.target = reader.head().target;
      if (step.what == event::end)
        ++result.requests;
      if (step.what == event::error) {
        result.status = reader.error_status();
        result.text = reader.error_text();
        return result;
      }
    }
    at += block.size();
  }
  return result;
}

std::string with_fields(const std::string& fields) {
  return "POST /jobs HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

std::string chunked(const std::string& body) {
  return with_fields("Transfer-Encoding: chunked\r\n") + body;
}

} // namespace

TEST_CASE("requests are followed, in pieces of any size") {
  auto all = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"
             + with_fields("Content-Length: 5\r\n") + "hello"
             + chunked("5\r\nhello\r\n3;a=b\r\nyou\r\n0\r\nX: y\r\n\r\n")
             + "OPTIONS * HTTP/1.1\r\nHost: x\r\nEmpty:\r\n\r\n"
             + "GET http://h/p HTTP/1.0\r\n\r\n";
  for (std::size_t piece = 1; piece <= all.size(); ++piece) {
    CAPTURE(piece);
    auto x = read_all(all, piece);
    CHECK(x.text == "");
    CHECK(x.requests == 5);
    CHECK(x.body == 13);
    CHECK(x.target == "http://h/p");
  }
}

TEST_CASE("a head is known before anything of its body is read") {
  head_reader reader{{100, 1000}};
  auto all = with_fields("Origin: http://o\r\nsec-fetch-site: cross-site\r\n"
                         "Expect: 100-continue\r\nAuthorization: Basic x\r\n"
                         "Content-Type: a/b; c\r\nContent-Encoding: gzip\r\n"
                         "Content-Length: 1000000000000\r\n");
  auto step = reader.read(all);
  CHECK(step.what == event::head);
  CHECK(step.used + 1 == all.size());
  const auto& head = reader.head();
  CHECK(head.verb == method::post);
  CHECK(head.host == "a");
  CHECK(head.origin == "http://o");
  CHECK(head.fetch_site == "cross-site");
  CHECK(head.expect == "100-continue");
  CHECK(head.authorization == "Basic x");
  CHECK(head.content_type == "a/b; c");
  CHECK(head.content_encoding == "gzip");
  CHECK(head.content_length == 1'000'000'000'000);
  CHECK(head.has_body());
  CHECK_FALSE(head.old);
}

TEST_CASE("what is wrong is an error with a status, in pieces of any size") {
  struct row {
    std::string what;
    std::string bytes;
    int status;
  };
  const std::string host = "Host: a\r\n";
  auto get = [](const std::string& fields) {
    return "GET / HTTP/1.1\r\n" + fields + "\r\n";
  };
  for (const auto& r : {
         row{"no host", get(""), 400},
         row{"two hosts", get(host + host), 400},
         row{"blank before the colon", get("Host : a\r\n"), 400},
         row{"blank before the colon of a body's length",
             with_fields("Content-Length : 5\r\n") + "hello", 400},
         row{"blank in a name", get(host + "A b: c\r\n"), 400},
         row{"blank before the first name", get(" Host: a\r\n"), 400},
         row{"folded field", get(host + "X: a\r\n b\r\n"), 400},
         row{"folded empty field", get(host + "X:\r\n b\r\n"), 400},
         row{"folded encoding",
             with_fields("Transfer-Encoding:\r\n chunked\r\n"), 400},
         row{"two encodings",
             with_fields("Transfer-Encoding: gzip\r\n"
                         "Transfer-Encoding: chunked\r\n"),
             400},
         row{"twice chunked",
             with_fields("Transfer-Encoding: chunked\r\n"
                         "transfer-encoding: chunked\r\n"),
             400},
         row{"gzip, chunked",
             with_fields("Transfer-Encoding: gzip, chunked\r\n"), 400},
         row{"gzip", with_fields("Transfer-Encoding: gzip\r\n"), 400},
         row{"length and encoding",
             with_fields("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
             400},
         row{"two lengths",
             with_fields("Content-Length: 3\r\nContent-Length: 3\r\n"), 400},
         row{"length is no number", with_fields("Content-Length: abc\r\n"),
             400},
         row{"length is signed", with_fields("Content-Length: +3\r\n"), 400},
         row{"length is huge",
             with_fields("Content-Length: 99999999999999999999\r\n"), 400},
         row{"two origins", get(host + "Origin: a\r\nOrigin: b\r\n"), 400},
         row{"chunk too long", chunked("3\r\nabcd\r\n0\r\n\r\n"), 400},
         row{"chunk ends with LF", chunked("3\r\nabc\n0\r\n\r\n"), 400},
         row{"chunk ends with other bytes", chunked("3\r\nabcXX0\r\n\r\n"),
             400},
         row{"chunk line ends with LF", chunked("3\nabc\r\n0\r\n\r\n"), 400},
         row{"chunk line ends with CR", chunked("3\rXabc\r\n0\r\n\r\n"), 400},
         row{"LF in a chunk's extension", chunked("3;\na\r\nabc\r\n0\r\n\r\n"),
             400},
         row{"chunk's length is no number", chunked("x\r\n"), 400},
         row{"blank in a trailer's name", chunked("0\r\nHost : a\r\n\r\n"),
             400},
         row{"unknown method", "BREW / HTTP/1.1\r\n\r\n", 501},
         row{"CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501},
         row{"no method", "\x16\x03\x01", 400},
         row{"blank in the target", "GET /a b HTTP/1.1\r\n\r\n", 400},
         row{"HTTP/2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
         row{"HTTP/0.9", "GET /\r\n\r\n", 505},
         row{"NUL in a field", get(host + std::string("X: \0\r\n", 6)), 400},
         row{"long target",
             "GET /" + std::string(100, 'x') + " HTTP/1.1\r\n" + host, 414},
         row{"long field", get(host + "X: " + std::string(1000, 'x')), 431},
         row{"long trailer",
             chunked("0\r\nX: " + std::string(1000, 'x') + "\r\n\r\n"), 431},
       }) {
    for (std::size_t piece : {std::size_t{1}, std::size_t{7}, r.bytes.size()}) {
      CAPTURE(r.what);
      CAPTURE(piece);
      auto x = read_all(r.bytes, piece);
      CHECK(x.status == r.status);
      CHECK(x.requests == 0);
      CHECK(x.text != "");
    }
  }
}

TEST_CASE("there are so many fields at most") {
  std::string many;
  for (int i = 0; i < 201; ++i)
    many += "a:\r\n";
  CHECK(read_all(with_fields(many), 1000, {100, 10'000}).status == 431);
}

TEST_CASE("a wish for another protocol shows, and ends the request") {
  head_reader reader{{100, 1000}};
  std::string all = "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                    "Upgrade: h2c\r\n\r\n";
  auto step = reader.read(all);
  CHECK(step.what == event::head);
  CHECK(reader.head().upgrade);
  CHECK(reader.read(std::string_view{all}.substr(step.used)).what
        == event::end);
}
