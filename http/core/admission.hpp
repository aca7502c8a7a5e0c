/// How many requests are let in at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>

namespace hearth::http {

/// Counts requests from their arrival to their answer, in two classes: one that
/// was just let in is work for the server; one that has been there for
/// `patience` waits for something else (a job, a context, a client that reads).
/// So a burst is bounded by what the server gets done within milliseconds, and
/// long jobs do not keep short requests out. On the io_context's thread alone.
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

  /// What has entered; given back once.
  using place = std::list<entry>::iterator;

  /// Lets it in, whatever the limits say.
  place enter(clock::time_point now);

  /// Lets it in as one that waits.
  place enter_waiting(clock::time_point now);

  void leave(place x);

  /// Whether there is no room for one more to be worked on.
  bool is_busy(clock::time_point now);

  /// Whether too many wait for one more to do so.
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
