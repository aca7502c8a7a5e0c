/// Measures the work of the server's main thread, which runs sockets and
/// actors, and reports work that kept everything else waiting.
///
/// That thread runs two kinds of work: handlers of sockets, timers and posted
/// functions, and turns of actors. Each is expected to end within a
/// millisecond. For each kind, `/metricz` shows the longest one and how many
/// took longer than that; a warning that names the slow work is logged, at most
/// once a minute.
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

/// Only the main thread adds to it; any thread may read it.
class loop_watch {
public:
  using clock = std::chrono::steady_clock;

  /// Work that takes longer counts as slow.
  static constexpr std::chrono::milliseconds limit{1};
  static constexpr std::chrono::minutes pause_between_warnings{1};

  struct numbers {
    std::chrono::nanoseconds longest{0};
    std::string name;             ///< of the work that took longest
    std::uint64_t over_limit = 0; ///< how many took longer than `limit`
  };

  /// One kind of work, e.g. the turns of actors.
  class kind {
  public:
    /// @param what its name in warnings, e.g. "a turn of an actor"
    explicit kind(const char* what) : what_(what) {}

    /// Whether work that took `time` has to be added. Of this class, only this
    /// function is on the hot path.
    bool matters(std::chrono::nanoseconds time) const noexcept {
      return time.count() > longest_.load(std::memory_order_relaxed)
             || time > limit;
    }

    /// Adds work that took `time`.
    /// @returns the warning to log; "" if none is due
    std::string add(std::chrono::nanoseconds time, std::string_view name,
                    clock::time_point now);

    numbers get() const;

  private:
    const char* what_;
    std::atomic<std::int64_t> longest_{0}; ///< as in numbers_
    mutable std::mutex mutex_;             ///< guards the members below
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

  mutable std::mutex mutex_; ///< guards the members below
  std::map<std::string, large_work, std::less<>> large_;
};

/// Returns the watch of this process, which has one main thread.
loop_watch& the_loop_watch();

/// Marks the calling thread as the main thread for as long as this object
/// lives.
class loop_thread {
public:
  loop_thread() noexcept;
  ~loop_thread();
  loop_thread(const loop_thread&) = delete;
  loop_thread& operator=(const loop_thread&) = delete;

  /// Whether the calling thread is the main thread.
  static bool is_this() noexcept;
};

/// Names what the calling thread does from now on, until its handler or turn
/// ends. Costs a few nanoseconds.
/// @param name has to live as long as the process, e.g. "POST /jobs"
void name_work(std::string_view name) noexcept;

/// Returns and removes the name of the work under way; "" if it has none.
std::string_view take_work_name() noexcept;

/// The loop calls this before it may sleep for an unknown time. The time of the
/// next handler is then measured from the moment at which it names itself.
void expect_sleep() noexcept;

/// Returns when the first handler after `expect_sleep` named itself; `now` if
/// it did not.
loop_watch::clock::time_point
begin_after_sleep(loop_watch::clock::time_point now) noexcept;

/// Counts work that is long by its nature. The code that does it calls this.
/// @param what e.g. "parse a body"
void note_large_work(std::string_view what);

/// Texts of this many bytes or more are parsed, rendered and hashed on other
/// threads: that is at least a tenth of a millisecond's work.
inline constexpr std::size_t large_text = 16 * 1024;

/// Lists of this many entries or more are rendered on other threads.
inline constexpr std::size_t large_list = 256;

} // namespace hearth
