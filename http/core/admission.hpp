/// Bounds how many requests are under way at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>

namespace hearth::http {

/// Counts requests from their arrival to their answer, in two classes. A
/// request that has just arrived is work for the server. One that has been
/// under way for `patience` waits for something else: a job, a context, or a
/// client that reads. So a burst is bounded by the work that the server can do
/// within milliseconds, and long jobs do not keep short requests out. Only the
/// io_context's thread may use it.
///
///   enter ──> working ──(patience)──> waiting
///               └──────── leave ─────────┘
class admission {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    std::size_t working;
    std::size_t waiting;
    std::chrono::milliseconds patience{1'000};
  };

  explicit admission(limits most) : most_(most) {}
  admission(const admission&) = delete;
  admission& operator=(const admission&) = delete;

  struct entry {
    clock::time_point since;
    bool waits = false;
  };

  /// The place of a request. It has to be given back once, with `leave`.
  using place = std::list<entry>::iterator;

  /// Lets a request in, whatever the limits are.
  place enter(clock::time_point now);

  /// Lets a request in as one that waits.
  place enter_waiting(clock::time_point now);

  void leave(place left);

  /// Whether the limit for requests that are worked on is reached.
  bool is_busy(clock::time_point now);

  /// Whether the limit for requests that wait is reached.
  bool is_crowded() const noexcept {
    return waiting_.size() >= most_.waiting;
  }

private:
  void age(clock::time_point now);

  limits most_;
  std::list<entry> working_; ///< in the order of their arrival
  std::list<entry> waiting_;
};

} // namespace hearth::http
