/// Lets few requests at a time do what takes long, such as reading a list of
/// thousands.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/fair_queue.hpp"
#include "http/core/message.hpp"

namespace hearth::http {

/// Requests go in as others come out, the clients' addresses in turn. Whoever
/// left while they waited costs nothing. So many that want the same long thing
/// take no more of the processor and of memory than a few do. Thread-safe.
class turnstile : public std::enable_shared_from_this<turnstile> {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    std::size_t at_once;
    std::size_t waiting = 256;
    std::size_t waiting_of_client = 64;
    std::chrono::milliseconds longest_wait{10'000};
  };

  /// One place inside: free again when the last holder lets go.
  using pass = std::shared_ptr<void>;
  using work = std::function<void(pass)>;

  explicit turnstile(limits most) : most_(most) {}
  turnstile(const turnstile&) = delete;
  turnstile& operator=(const turnstile&) = delete;

  /// Does the work now, or on the thread on which its place gets free. What it
  /// throws is the answer. Answers 503 if too many wait, and 504 if the request
  /// had to wait for too long.
  void enter(const exchange_ptr& x, work what);

  /// Lets nobody in any more, and drops those that wait.
  void close();

private:
  struct waiter {
    exchange_ptr x;
    work what;
    clock::time_point until;
  };

  void run(const exchange_ptr& x, const work& what);
  void leave();

  const limits most_;
  std::mutex mutex_; ///< guards what follows
  std::size_t inside_ = 0;
  bool closed_ = false;
  fair_queue<fifo<waiter>> waiting_;
};

} // namespace hearth::http
