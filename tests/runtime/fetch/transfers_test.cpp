#include <arpa/inet.h>
#include <array>
#include <fstream>
#include <future>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <doctest/doctest.h>

#include "base/digest.hpp"
#include "runtime/fetch/transfers.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;
using namespace std::chrono_literals;

namespace {

/// A port of 127.0.0.1. The kernel accepts connections to it, and nobody
/// answers them.
class silent_server {
public:
  silent_server() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (socket_ < 0 || ::bind(socket_, generic, size) != 0
        || ::listen(socket_, 16) != 0
        || ::getsockname(socket_, generic, &size) != 0)
      throw std::runtime_error("no port to be had");
    port_ = ntohs(address.sin_port);
  }

  silent_server(const silent_server&) = delete;
  silent_server& operator=(const silent_server&) = delete;

  ~silent_server() {
    ::close(socket_);
  }

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

protected:
  int socket_;

private:
  int port_ = 0;
};

/// Gives one connection that answer.
class answering_server : public silent_server {
public:
  explicit answering_server(const std::string& answer)
    : thread_([this, answer] {
        auto client = ::accept(socket_, nullptr, nullptr);
        std::array<char, 4096> block{};
        while (heard.find("\r\n\r\n") == std::string::npos) {
          auto n = ::recv(client, block.data(), block.size(), 0);
          if (n <= 0)
            break;
          heard.append(block.data(), static_cast<std::size_t>(n));
        }
        ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
        ::close(client);
      }) {}

  ~answering_server() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
  }

  std::string heard; ///< valid once the answer has come

private:
  std::thread thread_;
};

std::string http_answer(const std::string& status, const std::string& body,
                        const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Connection: close\r\n"
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::future<transfer_outcome> begin(transfers& all, transfer_request request) {
  auto promise = std::make_shared<std::promise<transfer_outcome>>();
  auto result = promise->get_future();
  all.start(std::move(request), [promise](transfer_outcome outcome) {
    promise->set_value(std::move(outcome));
  });
  return result;
}

transfer_request post(const std::string& url) {
  transfer_request result;
  result.url = url;
  result.limit = 60s;
  result.json = "{}";
  return result;
}

struct fetching {
  temp_dir dir;
  std::shared_ptr<transfers> all = make_curl_transfers();

  transfer_request download(const std::string& url) const {
    transfer_request result;
    result.url = url;
    result.limit = 60s;
    result.file = dir / "file";
    result.max_bytes = 100;
    return result;
  }
};

} // namespace

TEST_CASE_FIXTURE(fetching, "a server that never answers delays no other") {
  silent_server silent;
  answering_server quick{http_answer("200 OK", "")};
  auto hangs = begin(*all, post(silent.url("/")));
  auto answered = begin(*all, post(quick.url("/cb")));
  CHECK(answered.get().error.empty());
  CHECK(quick.heard.starts_with("POST /cb HTTP/1.1\r\n"));
  CHECK(hangs.wait_for(0s) == std::future_status::timeout);
  // Its end breaks off the other one, without waiting for it.
  all.reset();
  CHECK_THROWS_AS(hangs.get(), std::future_error);
}

TEST_CASE_FIXTURE(fetching, "a transfer is over within its time") {
  silent_server silent;
  auto request = post(silent.url("/"));
  request.limit = 1ms;
  CHECK(begin(*all, request).get().error
        == silent.url("/") + ": was not done within 1 ms");
}

TEST_CASE_FIXTURE(fetching, "a post succeeds by a 2xx alone") {
  answering_server moved{
    http_answer("302 Found", "", "Location: http://127.0.0.1:1/\r\n")};
  CHECK(begin(*all, post(moved.url("/"))).get().error
        == moved.url("/") + ": answered 302");
}

TEST_CASE_FIXTURE(fetching, "what is downloaded is known by its digest") {
  answering_server server{http_answer("200 OK", "content", "ETag: \"1\"\r\n")};
  auto outcome = begin(*all, download(server.url("/x.jar"))).get();
  REQUIRE(outcome.error.empty());
  CHECK(outcome.changed);
  CHECK(outcome.digest == sha256("content"));
  CHECK(outcome.state.etag == "\"1\"");
  CHECK(dir.read("file") == "content");
}

TEST_CASE_FIXTURE(fetching, "what did not change is not downloaded") {
  answering_server server{http_answer("304 Not Modified", "")};
  auto request = download(server.url("/x.jar"));
  request.known.etag = "\"1\"";
  auto outcome = begin(*all, request).get();
  CHECK(outcome.error.empty());
  CHECK_FALSE(outcome.changed);
  CHECK(server.heard.find("If-None-Match: \"1\"") != std::string::npos);
}

TEST_CASE_FIXTURE(fetching, "a failure says why, and no password") {
  answering_server large{http_answer("200 OK", std::string(101, 'x'))};
  CHECK(begin(*all, download(large.url("/x"))).get().error
        == large.url("/x") + ": is larger than 100 bytes");
  auto request = download("http://user:secret@127.0.0.1:1/x");
  auto refused = begin(*all, request).get().error;
  CHECK(refused.find("127.0.0.1") != std::string::npos);
  CHECK(refused.find("secret") == std::string::npos);
  std::ofstream{dir / "file"} << "no folder";
  request.file = dir / "file/below";
  CHECK(begin(*all, request).get().error.find("cannot write")
        != std::string::npos);
  auto file = download("file:///etc/passwd");
  CHECK_FALSE(begin(*all, file).get().error.empty());
}
