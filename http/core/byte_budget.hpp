/// A limit for the bytes that many connections hold in memory together.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>

namespace hearth::http {

/// Bytes are counted as they come, nothing is set aside for bytes to come. When
/// there is no room for more, the share on which nothing has moved for longest
/// has to give up its bytes, if that was longer than `stalled`; else whoever
/// wants to add some is refused. So a few connections that never finish cannot
/// keep others out. On one thread, but for the end of a share without bytes.
class byte_budget {
public:
  using clock = std::chrono::steady_clock;

  struct limits {
    std::size_t bytes;
    std::chrono::milliseconds stalled{2'000};
  };

  /// The bytes of one body or answer that is on its way.
  class share {
  public:
    /// @param give_up called when it has to; it has no bytes any more then
    share(byte_budget& of, std::function<void()> give_up);
    ~share();
    share(const share&) = delete;
    share& operator=(const share&) = delete;

    /// @returns whether there was room for so many more bytes
    bool add(std::size_t n, clock::time_point now);

    /// Some of its bytes were sent: it is not stalled.
    void touch(clock::time_point now);

    /// It has no bytes any more.
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

  /// Counts bytes of what is complete: nobody can be asked to give these up.
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
  std::list<share*> shares_; ///< the one that moved longest ago first
};

} // namespace hearth::http
