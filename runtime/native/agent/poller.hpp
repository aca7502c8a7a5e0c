/// What threads without work wait for together.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace hearth::native {

/// Each event is handed to one of the threads that wait: the one that came
/// last, so that a few do all the work and the others may end. Thread-safe.
class poller {
public:
  using clock = std::chrono::steady_clock;

  enum class event {
    none,     ///< the time is over
    call,     ///< `call`
    time,     ///< what `wake_at` asked for is due
    readable, ///< the socket has something to read
    closed    ///< `close`: told to all, again and again
  };

  /// @throws std::system_error if the system has no more descriptors
  poller();
  ~poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  /// @param longest milliseconds count, rounded down
  event wait(std::chrono::milliseconds longest);

  /// Hands out one event, though not one for each of calls that follow at
  /// once.
  void call();

  /// Hands out one event then, or earlier. A later time than one that was
  /// asked for before is no news, and costs nothing: who gets the event looks
  /// what is due, and asks again for the rest.
  void wake_at(clock::time_point when);

  /// Hands out one event once there is something to read, and no other until
  /// it is called again.
  /// @param socket stays open until `forget`
  void watch(int socket);

  void forget(int socket);

  void close();

private:
  void add(int fd, std::uint32_t events, event what);

  int epoll_;
  int called_; ///< an eventfd
  int closed_; ///< another
  int timer_;

  std::mutex mutex_;
  clock::time_point wakes_at_ = clock::time_point::max();
};

} // namespace hearth::native
