/// Measures what the server's one thread for sockets and actors does, and
/// says so when something kept everybody else waiting.
///
/// That thread runs two kinds of work: handlers of sockets, timers and posted
/// functions, and turns of actors. Each is expected to end within a
/// millisecond. The longest of both kinds and how many took longer are numbers
/// of `/metricz`; a warning with the name of the culprit is logged, at most
/// once a minute for each kind.
///
/// Work that is long by its nature (parsing a large body, hashing a file) is
/// done by other threads. `note_large_work` counts on which thread it was done,
/// so that a test can prove that none of it slipped back.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace hearth {

/// Written by the loop's thread; may be read by any.
class loop_watch {
public:
  using clock = std::chrono::steady_clock;

  /// What takes longer keeps everybody else waiting.
  static constexpr std::chrono::milliseconds limit{1};
  static constexpr std::chrono::minutes pause_between_warnings{1};

  struct numbers {
    std::chrono::nanoseconds longest{0};
    std::string name;             ///< of what took longest
    std::uint64_t over_limit = 0; ///< how many took longer than `limit`
  };

  /// One kind of work, e.g. the turns of actors.
  class kind {
  public:
    /// @param what how warnings call it, e.g. "a turn of an actor"
    explicit kind(const char* what) : what_(what) {}

    /// Whether work that took so long has to be added. This alone is on the
    /// hot path.
    bool matters(std::chrono::nanoseconds time) const noexcept {
      return time.count() > longest_.load(std::memory_order_relaxed)
             || time > limit;
    }

    /// @returns the warning to log; "" if none is due
    std::string add(std::chrono::nanoseconds time, std::string_view name,
                    clock::time_point now);

    numbers get() const;

  private:
    const char* what_;
    std::atomic<std::int64_t> longest_{0}; ///< as in numbers_
    mutable std::mutex mutex_;             ///< guards what follows
    numbers numbers_;
    std::uint64_t unsaid_ = 0; ///< over the limit since the last warning
    clock::time_point next_warning_ = clock::time_point::min();
  };

  /// How often large work of one sort was done, and where.
  struct large_work {
    std::uint64_t on_loop = 0;   ///< where it should not have been
    std::uint64_t elsewhere = 0; ///< on threads that may take their time
  };

  kind handlers{"a handler"};
  kind turns{"a turn of an actor"};

  std::map<std::string, large_work, std::less<>> large() const;

private:
  friend void note_large_work(std::string_view what);

  mutable std::mutex mutex_; ///< guards what follows
  std::map<std::string, large_work, std::less<>> large_;
};

/// The one of this process: it has one such thread.
loop_watch& the_loop_watch();

/// Marks the calling thread as the loop's for as long as it lives.
class loop_thread {
public:
  loop_thread() noexcept;
  ~loop_thread();
  loop_thread(const loop_thread&) = delete;
  loop_thread& operator=(const loop_thread&) = delete;

  /// Whether the calling thread is the loop's.
  static bool is_this() noexcept;
};

/// Names what the calling thread does from now on, until its handler or turn
/// ends. Costs a few nanoseconds.
/// @param name lives as long as the process, e.g. "POST /jobs"
void name_work(std::string_view name) noexcept;

/// The name of the work under way, "" if nobody gave one. The next call finds
/// none.
std::string_view take_work_name() noexcept;

/// For the loop: the handler that runs next begins after a sleep of unknown
/// length. Its time is taken from when it is named.
void expect_sleep() noexcept;

/// When the handler after `expect_sleep` was named.
/// @returns `now` if it was not
loop_watch::clock::time_point
begin_after_sleep(loop_watch::clock::time_point now) noexcept;

/// To be called by whoever does something that is long by its nature.
/// @param what e.g. "parse a body"
void note_large_work(std::string_view what);

/// From so many bytes on, texts are parsed, rendered and hashed elsewhere: a
/// tenth of a millisecond's work or more.
inline constexpr std::size_t large_text = 16 * 1024;

/// From so many entries on, lists are.
inline constexpr std::size_t large_list = 256;

} // namespace hearth
