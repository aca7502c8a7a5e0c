// A load of one thread: connections that each send a request, wait for its
// answer, and send the next, for a given time. It talks HTTP and gearman's
// protocol, so that servers of both are measured by the same code.
//
//   bench_load http PORT CONNECTIONS SECONDS PATH STATUS
//   bench_load gearman PORT CONNECTIONS SECONDS FUNCTION
//   bench_load overload PORT CONNECTIONS SECONDS PATH RATE BODY
//
// The last one takes 503 with Retry-After for an answer, too. It sends RATE
// requests a second, however many are answered; with 0 each connection sends
// the next as soon as the last is answered, refused or not. A request whose
// turn has come while all connections wait for answers is not sent, but
// counted.
//
// Prints a line of JSON: requests, seconds, times in microseconds, errors; with
// overload a second line, of what was refused, and "unsent".

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
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

enum class verdict { partial, answered, refused, failed };

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
  /// @param may_refuse whether 503 with Retry-After is an answer, too
  http(int port, const std::string& path, std::string status,
       const std::string& body = "{}", bool may_refuse = false)
    : expected_("HTTP/1.1 " + std::move(status) + " "),
      may_refuse_(may_refuse) {
    request = "POST " + path
              + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port)
              + "\r\nContent-Type: application/json\r\n"
                "Content-Length: "
              + std::to_string(body.size()) + "\r\n\r\n" + body;
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
    auto result = look_at(bytes);
    if (result == verdict::failed)
      std::fprintf(stderr, "%s\n", bytes.c_str());
    bytes.clear();
    return result;
  }

private:
  verdict look_at(std::string_view answer) const {
    if (may_refuse_ && answer.starts_with("HTTP/1.1 503 ")
        && answer.find("\r\nRetry-After: ") != std::string::npos)
      return verdict::refused;
    return answer.starts_with(expected_)
               && answer.find(R"("ERROR")") == std::string::npos
             ? verdict::answered
             : verdict::failed;
  }

  std::string expected_;
  bool may_refuse_;
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
  /// @param rate requests a second; 0: as fast as they are answered
  load(const protocol& p, int port, std::size_t connections, double rate)
    : protocol_(p), epoll_(::epoll_create1(0)), rate_(rate),
      connections_(connections) {
    for (auto& x : connections_) {
      x.fd = connect_to(port);
      epoll_event wanted{};
      wanted.events = EPOLLIN;
      wanted.data.ptr = &x;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, x.fd, &wanted);
      idle_.push_back(&x);
    }
  }

  void run(std::chrono::duration<double> time) {
    begun_ = steady_clock::now();
    end_ = begun_ + std::chrono::duration_cast<steady_clock::duration>(time);
    for (send_due(); under_way_ > 0 || steady_clock::now() < end_; send_due()) {
      epoll_event ready[64];
      auto n = ::epoll_wait(epoll_, ready, 64, patience());
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 || (n == 0 && rate_ == 0)) {
        errors_ += under_way_;
        return;
      }
      for (int i = 0; i < n; ++i)
        receive(*static_cast<connection*>(ready[i].data.ptr));
      if (steady_clock::now() > end_ + std::chrono::seconds{10}) {
        errors_ += under_way_;
        return;
      }
    }
  }

  void print(bool with_refused) {
    auto took = steady_clock::now() - begun_;
    print_report(std::move(times_), took, errors_);
    if (!with_refused)
      return;
    print_report(std::move(refused_), took, 0);
    std::printf("{\"unsent\": %zu}\n", unsent_);
  }

private:
  /// Of a wait, in milliseconds. Somebody who never answers is an error, not a
  /// wait without end.
  int patience() const {
    return rate_ > 0 ? 1 : 10'000;
  }

  /// Sends what should be under way by now.
  void send_due() {
    auto now = steady_clock::now();
    if (now >= end_)
      return;
    auto due = idle_.size();
    if (rate_ > 0) {
      std::chrono::duration<double> past = now - begun_;
      auto total = static_cast<std::size_t>(past.count() * rate_);
      due = total - turns_;
      turns_ = total;
      if (due > idle_.size()) {
        unsent_ += due - idle_.size();
        due = idle_.size();
      }
    }
    for (; due > 0; --due) {
      auto* x = idle_.front();
      idle_.pop_front();
      send(*x);
    }
  }

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
    if (what == verdict::failed) {
      ++errors_;
      ::epoll_ctl(epoll_, EPOLL_CTL_DEL, x.fd, nullptr);
      return;
    }
    auto now = steady_clock::now();
    auto& times = what == verdict::answered ? times_ : refused_;
    times.push_back(
      std::chrono::duration<double, std::micro>(now - x.sent).count());
    if (rate_ > 0)
      idle_.push_back(&x);
    else if (now < end_)
      send(x);
  }

  const protocol& protocol_;
  int epoll_;
  double rate_;
  std::vector<connection> connections_;
  std::deque<connection*> idle_; ///< that have no request under way
  steady_clock::time_point begun_;
  steady_clock::time_point end_;
  std::vector<double> times_;
  std::vector<double> refused_;
  std::size_t turns_ = 0;  ///< requests that should have been sent
  std::size_t unsent_ = 0; ///< for want of an idle connection
  std::size_t under_way_ = 0;
  std::size_t errors_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  std::string_view kind = argc > 1 ? argv[1] : "";
  auto overload = kind == "overload";
  if (!(kind == "http" && argc == 7) && !(overload && argc == 8)
      && !(kind == "gearman" && argc == 6)) {
    std::fputs("usage: bench_load http PORT CONNECTIONS SECONDS PATH STATUS\n"
               "       bench_load gearman PORT CONNECTIONS SECONDS FUNCTION\n"
               "       bench_load overload PORT CONNECTIONS SECONDS PATH RATE "
               "BODY\n",
               stderr);
    return 2;
  }
  try {
    auto port = std::atoi(argv[2]);
    std::unique_ptr<protocol> p;
    if (overload)
      p = std::make_unique<http>(port, argv[5], "200", argv[7], true);
    else if (kind == "http")
      p = std::make_unique<http>(port, argv[5], argv[6]);
    else
      p = std::make_unique<gearman>(argv[5]);
    load x{*p, port, static_cast<std::size_t>(std::atoi(argv[3])),
           overload ? std::atof(argv[6]) : 0};
    x.run(std::chrono::duration<double>{std::atof(argv[4])});
    x.print(overload);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bench_load: %s\n", e.what());
    return 1;
  }
}
