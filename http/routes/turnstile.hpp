/// Lets only a few requests at a time do something that takes long, such as
/// reading a list of thousands.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/fair_queue.hpp"
#include "http/core/message.hpp"

namespace hearth::http {

/// Waiting requests are let in one by one, the clients' addresses in turn. A
/// request whose client has left meanwhile costs nothing. So many such requests
/// take no more processor time and memory than a few. Thread-safe.
class turnstile : public std::enable_shared_from_this<turnstile> {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    std::size_t at_once;
    std::size_t waiting = 256;
    std::size_t waiting_of_client = 64;
    std::chrono::milliseconds longest_wait{10'000};
    const char* what = "long lists"; ///< what the requests ask for, in errors
  };

  /// One place inside. It is free again when the last pointer to it is gone.
  using pass = std::shared_ptr<void>;
  using work = std::function<void(pass)>;

  explicit turnstile(limits most) : most_(most) {}
  turnstile(const turnstile&) = delete;
  turnstile& operator=(const turnstile&) = delete;

  /// Does the work now, or on the thread on which its place gets free. What it
  /// throws is the answer. Answers 503 if too many wait, and 504 if the request
  /// had to wait for too long.
  void enter(const exchange_ptr& call, work what);

  /// Lets no more requests in, and drops those that wait.
  void close();

private:
  struct waiter {
    exchange_ptr call;
    work what;
    clock::time_point until;
  };

  enum class verdict : std::uint8_t { inside, waits, closed, crowded };

  /// @param what moved from if it waits
  verdict admit(const exchange_ptr& call, work& what);
  void run(const exchange_ptr& call, const work& what);
  void leave();

  /// Whether nobody waits for this request any more. Moves it then to the
  /// requests whose client has left, or whose time is over.
  static bool is_vain(waiter& x, std::vector<waiter>& gone,
                      std::vector<waiter>& late);

  const limits most_;
  std::mutex mutex_; ///< guards the members below
  std::size_t inside_ = 0;
  bool closed_ = false;
  clock::time_point looked_; ///< when all that wait were last looked through
  fair_queue<fifo<waiter>> waiting_;
};

} // namespace hearth::http
