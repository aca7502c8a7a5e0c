/// Bounds the bytes that all connections together have in memory, for bodies
/// and for answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>

namespace hearth::http {

/// Bytes are counted when they arrive; nothing is reserved for bytes that will
/// arrive later. When the budget is used up, the share that has stalled for
/// longest has to give up its bytes, if that was longer than `stalled`.
/// Otherwise, a share that adds bytes is refused. So a few connections that
/// never finish cannot keep others out. Only one thread may use it, but a share
/// without bytes may be destroyed on any.
class byte_budget {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    std::size_t bytes;
    std::chrono::milliseconds stalled{2'000};
  };

  /// The bytes of one body that arrives, or of one answer that is sent.
  class share {
  public:
    /// @param give_up called when the share has to give up its bytes; they are
    ///        not counted any more then
    share(byte_budget& of, std::function<void()> give_up);
    ~share();
    share(const share&) = delete;
    share& operator=(const share&) = delete;

    /// Adds `n` bytes.
    /// @returns false if there was no room for them
    bool add(std::size_t n, clock::time_point now);

    /// Notes that some of its bytes were sent, so it has not stalled.
    void touch(clock::time_point now);

    /// Gives back all of its bytes.
    void release();

  private:
    friend class byte_budget;

    byte_budget& of_;
    std::function<void()> give_up_;
    std::size_t bytes_ = 0;
    clock::time_point last_;
    std::list<share*> place_; ///< its node while it has no bytes
    std::list<share*>::iterator at_;
  };

  explicit byte_budget(limits most) : most_(most) {}
  byte_budget(const byte_budget&) = delete;
  byte_budget& operator=(const byte_budget&) = delete;

  /// Counts bytes of complete bodies or answers, which cannot be given up.
  void hold(std::size_t n) noexcept {
    used_ += n;
  }
  void let_go(std::size_t n) noexcept {
    used_ -= n;
  }

  std::size_t used() const noexcept {
    return used_;
  }

private:
  bool make_room(std::size_t n, const share* except, clock::time_point now);

  limits most_;
  std::size_t used_ = 0;
  std::list<share*> shares_; ///< the one that has stalled for longest is first
};

} // namespace hearth::http
