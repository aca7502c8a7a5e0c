/// Waits for events, for all threads that have no work.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace hearth::native {

/// Each event is given to one of the waiting threads. That is the one that
/// began to wait last, so that a few threads do all the work and the others can
/// end. Thread-safe.
class poller {
public:
  using clock = std::chrono::steady_clock;

  enum class event {
    none,     ///< there was no event in time
    call,     ///< `call` was called
    time,     ///< the time of `wake_at` has come
    readable, ///< the socket has something to read
    closed    ///< `close` was called; all threads get it, again and again
  };

  /// @throws std::system_error if the system has no more descriptors
  poller();
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// Waits for an event, for at most that time.
  event wait(std::chrono::milliseconds longest);

  /// Gives one event to a waiting thread. Several calls in quick succession may
  /// give only one event together.
  void call();

  /// Gives one event at that time or earlier. Does nothing if an earlier time
  /// was asked for before: the thread that gets the event does what is due and
  /// asks again for the rest.
  void wake_at(clock::time_point when);

  /// Gives one event once there is something to read, and no more until it is
  /// called again.
  /// @param socket has to stay open until `forget`
  void watch(int socket);

  void forget(int socket);

  void close();

private:
  void add(int fd, std::uint32_t events, event what);

  int epoll_;
  int called_; ///< an eventfd
  int closed_; ///< an eventfd
  int timer_;

  std::mutex mutex_;
  clock::time_point wakes_at_ = clock::time_point::max();
};

} // namespace hearth::native
