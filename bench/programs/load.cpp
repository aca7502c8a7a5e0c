// A load of one thread: connections that each send a request, wait for its
// answer, and send the next, for a given time. It talks HTTP and gearman's
// protocol, so that servers of both are measured by the same code.
//
//   bench_load http PORT CONNECTIONS SECONDS PATH STATUS
//   bench_load gearman PORT CONNECTIONS SECONDS FUNCTION
//
// Prints one line of JSON: requests, seconds, times in microseconds, errors.

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

#include "report.hpp"

namespace {

using steady_clock = std::chrono::steady_clock;

enum class verdict { partial, answered, failed };

/// What is sent, and how an answer to it looks.
class protocol {
public:
  virtual ~protocol() = default;

  std::string request;

  /// Takes what it has understood off the front of `bytes`.
  virtual verdict judge(std::string& bytes) const = 0;
};

class http : public protocol {
public:
  http(int port, const std::string& path, std::string status)
    : expected_("HTTP/1.1 " + std::move(status) + " ") {
    request = "POST " + path
              + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port)
              + "\r\nContent-Type: application/json\r\n"
                "Content-Length: 2\r\n\r\n{}";
  }

  verdict judge(std::string& bytes) const override {
    auto head = bytes.find("\r\n\r\n");
    if (head == std::string::npos)
      return verdict::partial;
    constexpr std::string_view name = "Content-Length: ";
    auto field = bytes.find(name);
    if (field > head)
      return verdict::failed;
    std::size_t length = 0;
    std::from_chars(bytes.data() + field + name.size(), bytes.data() + head,
                    length);
    if (bytes.size() < head + 4 + length)
      return verdict::partial;
    auto good = bytes.compare(0, expected_.size(), expected_) == 0
                && bytes.find(R"("ERROR")") == std::string::npos;
    if (!good)
      std::fprintf(stderr, "%s\n", bytes.c_str());
    bytes.clear();
    return good ? verdict::answered : verdict::failed;
  }

private:
  std::string expected_;
};

class gearman : public protocol {
public:
  explicit gearman(const std::string& function) {
    constexpr std::uint32_t submit_job = 7;
    // Function and unique id end in a zero; there is no payload.
    auto body = function + std::string(2, '\0');
    request = std::string{"\0REQ", 4} + number(submit_job)
              + number(static_cast<std::uint32_t>(body.size())) + body;
  }

  verdict judge(std::string& bytes) const override {
    constexpr std::uint32_t job_created = 8;
    constexpr std::uint32_t work_complete = 13;
    constexpr std::size_t head = 12;
    while (bytes.size() >= head) {
      auto kind = number_at(bytes, 4);
      auto size = head + number_at(bytes, 8);
      if (bytes.size() < size)
        return verdict::partial;
      bytes.erase(0, size);
      if (kind == work_complete)
        return verdict::answered;
      if (kind != job_created)
        return verdict::failed;
    }
    return verdict::partial;
  }

private:
  static std::string number(std::uint32_t x) {
    x = htonl(x);
    return {reinterpret_cast<const char*>(&x), sizeof x};
  }

  static std::uint32_t number_at(const std::string& bytes, std::size_t at) {
    std::uint32_t x = 0;
    std::memcpy(&x, bytes.data() + at, sizeof x);
    return ntohl(x);
  }
};

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string{what} + ": " + std::strerror(errno));
}

struct connection {
  int fd = -1;
  steady_clock::time_point sent;
  std::string answer;
};

int connect_to(int port) {
  auto fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) < 0)
    fail("cannot connect");
  int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

class load {
public:
  load(const protocol& p, int port, std::size_t connections)
    : protocol_(p), epoll_(::epoll_create1(0)), connections_(connections) {
    for (auto& x : connections_) {
      x.fd = connect_to(port);
      epoll_event wanted{};
      wanted.events = EPOLLIN;
      wanted.data.ptr = &x;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, x.fd, &wanted);
    }
  }

  void run(std::chrono::duration<double> time) {
    begun_ = steady_clock::now();
    end_ = begun_ + std::chrono::duration_cast<steady_clock::duration>(time);
    for (auto& x : connections_)
      send(x);
    // Somebody who never answers is an error, not a wait without end.
    constexpr int patience_ms = 10'000;
    while (under_way_ > 0) {
      epoll_event ready[64];
      auto n = ::epoll_wait(epoll_, ready, 64, patience_ms);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0) {
        errors_ += under_way_;
        return;
      }
      for (int i = 0; i < n; ++i)
        receive(*static_cast<connection*>(ready[i].data.ptr));
    }
  }

  void print() {
    print_report(std::move(times_), steady_clock::now() - begun_, errors_);
  }

private:
  void send(connection& x) {
    x.sent = steady_clock::now();
    auto& bytes = protocol_.request;
    if (::send(x.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL)
        != static_cast<ssize_t>(bytes.size())) {
      ++errors_;
      return;
    }
    ++under_way_;
  }

  void receive(connection& x) {
    char bytes[16 * 1024];
    auto n = ::recv(x.fd, bytes, sizeof bytes, 0);
    if (n > 0)
      x.answer.append(bytes, static_cast<std::size_t>(n));
    auto what = n > 0 ? protocol_.judge(x.answer) : verdict::failed;
    if (what == verdict::partial)
      return;
    --under_way_;
    auto now = steady_clock::now();
    if (what == verdict::failed) {
      ++errors_;
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, x.fd, nullptr);
      return;
    }
    times_.push_back(
      std::chrono::duration<double, std::micro>(now - x.sent).count());
    if (now < end_)
      send(x);
  }

  const protocol& protocol_;
  int epoll_;
  std::vector<connection> connections_;
  steady_clock::time_point begun_;
  steady_clock::time_point end_;
  std::vector<double> times_;
  std::size_t under_way_ = 0;
  std::size_t errors_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  std::string_view kind = argc > 1 ? argv[1] : "";
  if (!(kind == "http" && argc == 7) && !(kind == "gearman" && argc == 6)) {
    std::fputs("usage: bench_load http PORT CONNECTIONS SECONDS PATH STATUS\n"
               "       bench_load gearman PORT CONNECTIONS SECONDS FUNCTION\n",
               stderr);
    return 2;
  }
  try {
    auto port = std::atoi(argv[2]);
    std::unique_ptr<protocol> p;
    if (kind == "http")
      p = std::make_unique<http>(port, argv[5], argv[6]);
    else
      p = std::make_unique<gearman>(argv[5]);
    load x{*p, port, static_cast<std::size_t>(std::atoi(argv[3]))};
    x.run(std::chrono::duration<double>{std::atof(argv[4])});
    x.print();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_load: %s\n", e.what());
    return 1;
  }
}
