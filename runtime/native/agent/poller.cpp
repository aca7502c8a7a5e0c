#include "runtime/native/agent/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

namespace hearth::native {

namespace {

int checked(int result, const char* what) {
  if (result < 0)
    throw std::system_error(errno, std::generic_category(), what);
  return result;
}

} // namespace

poller::poller()
  : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
    called_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
    closed_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
    timer_(checked(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC),
                   "timerfd_create")) {
  // These events are edge-triggered, so that each is given once and nobody has
  // to read the descriptor.
  add(called_, EPOLLIN | EPOLLET, event::call);
  add(timer_, EPOLLIN | EPOLLET, event::time);
  add(closed_, EPOLLIN, event::closed);
}

poller::~poller() {
  for (auto fd : {timer_, closed_, called_, epoll_})
    ::close(fd);
}

void poller::add(int fd, std::uint32_t events, event what) {
  epoll_event x{};
  x.events = events;
  x.data.u32 = static_cast<std::uint32_t>(what);
  checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &x), "epoll_ctl");
}

poller::event poller::wait(std::chrono::milliseconds longest) {
  epoll_event x{};
  if (::epoll_wait(epoll_, &x, 1, static_cast<int>(longest.count())) != 1)
    return event::none;
  auto what = static_cast<event>(x.data.u32);
  if (what == event::time) {
    std::lock_guard guard{mutex_};
    wakes_at_ = clock::time_point::max();
  }
  return what;
}

void poller::call() {
  ::eventfd_write(called_, 1);
}

void poller::wake_at(clock::time_point when) {
  std::lock_guard guard{mutex_};
  if (when >= wakes_at_)
    return;
  wakes_at_ = when;
  // A time that has passed is due at once; zero would mean never.
  auto ns = std::max(when - clock::now(), clock::duration{1});
  auto s = std::chrono::duration_cast<std::chrono::seconds>(ns);
  itimerspec at{};
  at.it_value = {s.count(), (ns - s).count()};
  ::timerfd_settime(timer_, 0, &at, nullptr);
}

void poller::watch(int socket) {
  epoll_event x{};
  x.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT;
  x.data.u32 = static_cast<std::uint32_t>(event::readable);
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &x) < 0)
    checked(::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &x), "epoll_ctl");
}

void poller::forget(int socket) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
}

void poller::close() {
  ::eventfd_write(closed_, 1);
}

} // namespace hearth::native
