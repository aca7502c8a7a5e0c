#include "runtime/native/agent/link.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include "runtime/native/agent/dial.hpp"
#include "runtime/native/agent/log.hpp"
#include "runtime/native/agent/socket.hpp"
#include "runtime/protocol/messages.hpp"

namespace hearth::native {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds first_pause = 50ms;
constexpr milliseconds longest_pause = 2s;
constexpr milliseconds welcome_timeout = 10s;
constexpr int max_silent_beats = 3;

/// Payloads up to this size are copied, so that several frames go out in one
/// write.
constexpr std::size_t small_payload = 16 * 1024;

timespec time_left(steady_clock::time_point deadline) {
  auto ns
    = std::max<std::chrono::nanoseconds>(deadline - steady_clock::now(), 0ns);
  auto s = std::chrono::duration_cast<std::chrono::seconds>(ns);
  return {s.count(), (ns - s).count()};
}

void log_broken(const protocol::protocol_error& e) {
  log_line("ERROR", {},
           std::string{"the server broke the protocol: "} + e.what());
}

} // namespace

link::link(const protocol::start_file& start, link_events& events, poller& poll)
  : start_(start), events_(events), poll_(poll), heartbeat_(start.heartbeat_ms),
    wake_(::eventfd(0, EFD_CLOEXEC)) {
  // nop
}

link::~link() {
  ::close(wake_);
}

void link::close() {
  {
    std::lock_guard guard{mutex_};
    closed_ = true;
    over_.notify_all();
  }
  std::uint64_t one = 1;
  if (::write(wake_, &one, sizeof one) != sizeof one)
    log_line("ERROR", {}, "the link cannot be closed");
}

connection_id link::connection() {
  std::lock_guard guard{mutex_};
  return open_;
}

std::string link::serve() {
  auto orphan_timeout = milliseconds{start_.orphan_timeout_ms};
  auto last_seen = steady_clock::now();
  auto wait = first_pause;
  for (;;) {
    if (serve_once()) {
      last_seen = steady_clock::now();
      wait = first_pause;
    }
    if (!reason_.empty())
      return reason_;
    auto alone = std::chrono::duration_cast<milliseconds>(steady_clock::now()
                                                          - last_seen);
    if (alone >= orphan_timeout)
      return "no server for " + std::to_string(alone.count()) + " ms";
    if (!pause(std::min(wait, orphan_timeout - alone)))
      return {};
    wait = std::min(2 * wait, longest_pause);
  }
}

/// @returns false if the link was closed
bool link::pause(milliseconds time) const {
  pollfd x{wake_, POLLIN, 0};
  return ::poll(&x, 1, static_cast<int>(time.count())) == 0;
}

/// Serves one connection to its end. @returns whether the server had welcomed
/// us
bool link::serve_once() {
  auto fd = dial(start_.endpoint_socket, start_.endpoint_file,
                 max_silent_beats * heartbeat_);
  if (fd < 0)
    return false;
  {
    std::lock_guard guard{mutex_};
    fd_ = fd;
    ended_ = false;
    ++last_;
  }
  reader_ = {};
  auto welcomed = false;
  try {
    welcomed = handshake();
    if (welcomed)
      serve_connection();
  } catch (const protocol::protocol_error& e) {
    log_broken(e);
  }
  std::lock_guard turn{turn_};
  hang_up();
  if (welcomed)
    events_.lost();
  return welcomed;
}

/// The caller holds the turn, so no thread reads now or will read later.
void link::hang_up() {
  if (std::exchange(reading_, false))
    poll_.forget(fd_);
  lock guard{mutex_};
  open_ = 0;
  ::shutdown(fd_, SHUT_RDWR);
  written_.wait(guard, [this] { return !writing_; });
  ::close(fd_);
  fd_ = -1;
  out_.clear();
}

bool link::handshake() {
  std::string bytes;
  protocol::encode(events_.hello(), bytes);
  if (!write(bytes, {}))
    return false;
  auto deadline = steady_clock::now() + welcome_timeout;
  for (;;) {
    if (auto x = reader_.next()) {
      if (x->kind == protocol::kind::reject) {
        reason_ = "the server refused: " + protocol::parse_reject(*x);
        return false;
      }
      if (x->kind != protocol::kind::welcome)
        throw protocol::protocol_error("its first frame is no welcome");
      auto beat = protocol::parse_welcome(*x).heartbeat_ms;
      if (beat > 0)
        heartbeat_ = milliseconds{beat};
      return true;
    }
    if (read(deadline) != heard::bytes)
      return false;
  }
}

void link::serve_connection() {
  {
    std::lock_guard turn{turn_};
    connection_id now = 0;
    {
      std::lock_guard guard{mutex_};
      sent_ = steady_clock::now();
      now = open_ = last_;
    }
    events_.welcomed(now);
    take_all(); // what came with the welcome
    reading_ = true;
    keep_alive();
    poll_.watch(fd_);
  }
  wait_for_end();
}

void link::wait_for_end() {
  lock guard{mutex_};
  over_.wait(guard, [this] { return ended_ || closed_; });
}

void link::end_connection() {
  std::lock_guard guard{mutex_};
  ended_ = true;
  over_.notify_all();
}

void link::handle(poller::event what) {
  if (what != poller::event::time && what != poller::event::readable)
    return;
  std::lock_guard turn{turn_};
  if (what == poller::event::time)
    events_.tick();
  if (!reading_)
    return;
  try {
    attend(what);
  } catch (const protocol::protocol_error& e) {
    log_broken(e);
    end_connection();
  }
}

void link::attend(poller::event what) {
  if (what == poller::event::time)
    return keep_alive();
  if (receive(MSG_DONTWAIT) == heard::end)
    return end_connection();
  take_all();
  poll_.watch(fd_);
}

void link::take_all() {
  while (auto x = reader_.next())
    take(std::move(*x));
}

/// Pings the server, or gives it up.
void link::keep_alive() {
  auto given_up = heard_ + max_silent_beats * heartbeat_;
  if (given_up <= steady_clock::now()) {
    log_line("WARN", {}, "the server is silent; the link dials again");
    return end_connection();
  }
  poll_.wake_at(std::min(ping_if_idle(), given_up));
}

void link::take(protocol::frame x) {
  using protocol::kind;
  if (x.kind == kind::server_ping)
    send(last_, protocol::seq_frame(kind::agent_pong, protocol::parse_seq(x)));
  else if (x.kind != kind::server_pong)
    events_.received(std::move(x));
}

/// Reads bytes until the deadline and feeds them to the reader.
link::heard link::read(steady_clock::time_point deadline) {
  std::array<pollfd, 2> fds{{{fd_, POLLIN, 0}, {wake_, POLLIN, 0}}};
  auto time = time_left(deadline);
  auto ready = ::ppoll(fds.data(), fds.size(), &time, nullptr);
  if (ready == 0 || (ready < 0 && errno == EINTR))
    return heard::nothing;
  if (ready < 0 || fds[1].revents != 0)
    return heard::end;
  return receive(0);
}

link::heard link::receive(int flags) {
  std::array<char, 64 * 1024> bytes;
  auto n = ::recv(fd_, bytes.data(), bytes.size(), flags);
  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return heard::nothing;
  if (n <= 0)
    return heard::end;
  heard_ = steady_clock::now();
  reader_.feed({bytes.data(), static_cast<std::size_t>(n)});
  return heard::bytes;
}

/// @returns when to look again
steady_clock::time_point link::ping_if_idle() {
  auto now = steady_clock::now();
  connection_id connection = 0;
  {
    std::lock_guard guard{mutex_};
    if (now < sent_ + heartbeat_)
      return sent_ + heartbeat_;
    connection = open_;
  }
  send(connection, protocol::seq_frame(protocol::kind::agent_ping, ++pings_));
  return now + heartbeat_;
}

bool link::send(connection_id connection, const protocol::frame& x,
                std::string_view payload, bool hold) {
  lock guard{mutex_};
  if (payload.size() > small_payload)
    written_.wait(guard, [&] { return !writing_ || open_ != connection; });
  if (connection == 0 || open_ != connection)
    return false;
  protocol::encode_head(x.kind, x.header, payload.size(), out_);
  if (payload.size() <= small_payload) {
    out_.append(payload);
  } else {
    writing_ = true;
    auto head = std::move(out_);
    out_.clear();
    guard.unlock();
    auto ok = write(head, payload);
    guard.lock();
    writing_ = false;
    if (!ok)
      ::shutdown(fd_, SHUT_RDWR); // the reader sees it
  }
  if (!writing_ && !(hold && out_.size() < small_payload))
    drain(guard);
  return true;
}

void link::flush() {
  lock guard{mutex_};
  if (!writing_ && !out_.empty())
    drain(guard);
}

/// Writes all queued bytes, also those that other threads add meanwhile.
void link::drain(lock& guard) {
  writing_ = true;
  std::string bytes;
  while (!out_.empty()) {
    bytes.clear();
    bytes.swap(out_);
    guard.unlock();
    auto ok = write(bytes, {});
    guard.lock();
    if (!ok) {
      out_.clear();
      ::shutdown(fd_, SHUT_RDWR); // the reader sees it
    }
  }
  sent_ = steady_clock::now();
  writing_ = false;
  written_.notify_all();
}

bool link::write(std::string_view first, std::string_view second) const {
  return write_all(fd_, first, second);
}

} // namespace hearth::native
