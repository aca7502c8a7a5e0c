/// An agent for tests: a blocking socket that speaks frames.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/protocol/messages.hpp"

constexpr std::chrono::seconds deadline{20};

/// Whether this run of the tests goes by the Unix socket; if not, by TCP.
inline bool by_socket() {
  return std::getenv("HEARTH_TEST_BY_SOCKET") != nullptr;
}

/// The two ways to a server.
struct place {
  std::uint16_t port = 0;
  std::string socket;
};

class fake_agent {
public:
  explicit fake_agent(bool to_socket = by_socket())
    : socket_(
      ::socket(to_socket ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      to_socket_(to_socket) {
    REQUIRE(socket_ >= 0);
    timeval limit{deadline.count(), 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  }

  explicit fake_agent(const place& to) : fake_agent() {
    REQUIRE(connect(to));
  }

  ~fake_agent() {
    close();
  }

  fake_agent(const fake_agent&) = delete;
  fake_agent& operator=(const fake_agent&) = delete;

  bool connect(const place& to) {
    if (to_socket_) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      REQUIRE(to.socket.size() < sizeof(address.sun_path));
      to.socket.copy(address.sun_path, to.socket.size());
      return connect(address);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(address);
  }

  void close() {
    if (socket_ >= 0)
      ::close(socket_);
    socket_ = -1;
  }

  void send_bytes(const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      auto n = ::send(socket_, bytes.data() + done, bytes.size() - done,
                      MSG_NOSIGNAL);
      if (n <= 0) // the server has closed, which the test will see
        return;
      done += static_cast<std::size_t>(n);
    }
  }

  /// Without waiting. @returns how many bytes went, 0 if none do now
  std::size_t send_some(const char* bytes, std::size_t size) {
    auto n = ::send(socket_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }

  void send(const hearth::protocol::frame& x) {
    std::string bytes;
    hearth::protocol::encode(x, bytes);
    send_bytes(bytes);
  }

  void say_hello(const std::string& context = "c", int version = 1) {
    hearth::protocol::hello x;
    x.protocol = version;
    x.context_id = context;
    x.token = "secret";
    x.pid = 42;
    x.running = {"j"};
    send(to_frame(x));
  }

  /// The next frame, nothing once the server has closed.
  std::optional<hearth::protocol::frame> receive() {
    char buffer[65536];
    for (;;) {
      if (auto x = reader_.next())
        return x;
      auto n = ::recv(socket_, buffer, sizeof(buffer), 0);
      if (n < 0)
        REQUIRE(errno == ECONNRESET);
      if (n <= 0)
        return std::nullopt;
      reader_.feed({buffer, static_cast<std::size_t>(n)});
    }
  }

private:
  template <class Address>
  bool connect(const Address& address) {
    return ::connect(socket_, reinterpret_cast<const sockaddr*>(&address),
                     sizeof(address))
           == 0;
  }

  int socket_;
  bool to_socket_;
  hearth::protocol::frame_reader reader_;
};

/// What callbacks on another thread leave for the test.
template <class T>
class events {
public:
  void put(T x) {
    std::lock_guard guard{mutex_};
    items_.push_back(std::move(x));
    changed_.notify_all();
  }

  T take() {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, deadline, [&] { return !items_.empty(); }));
    auto result = std::move(items_.front());
    items_.pop_front();
    return result;
  }

  bool empty() {
    std::lock_guard guard{mutex_};
    return items_.empty();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> items_;
};
