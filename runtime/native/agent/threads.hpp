/// The threads of a native context.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace hearth::native {

/// Runs jobs, as many at once as there are. A burst of short jobs is run by one
/// thread that is woken once; another is woken for a job that has waited for
/// longer than `patience`, for the one before it may take for ever. Threads
/// without a job wait a while for the next; one is always there. If the system
/// gives no more threads, jobs wait for those that there are.
///
/// ```
///  execute --> [queue] --> a thread that is done with its last job
///                 |
///                 +--> idle thread, or a new one: if no thread has taken a
///                      job lately; at the first job, or by `tick`
/// ```
///
/// Thread-safe.
class job_threads {
public:
  using clock = std::chrono::steady_clock;

  /// How long a job may wait behind another, if there can be one more thread.
  static constexpr std::chrono::microseconds patience{200};

  /// @param before_idle called by a thread that has run all jobs there were
  /// @param spawn begins a thread nobody joins; may throw std::system_error
  explicit job_threads(
    std::function<void()> before_idle = [] {},
    std::function<void(std::function<void()>)> spawn = spawn_detached);

  /// Waits for the jobs that run and those that wait.
  ~job_threads();

  job_threads(const job_threads&) = delete;
  job_threads& operator=(const job_threads&) = delete;

  void execute(std::function<void()> work);

  /// Whether a job waits; the calling thread may be the one to run it next.
  bool more();

  /// When `tick` wants to be called.
  std::optional<clock::time_point> next_tick();

  /// Finds a thread for a job that has waited for too long.
  void tick();

  /// How many there are.
  std::size_t threads();

private:
  struct idle_thread {
    std::condition_variable wake;
    bool called = false;
  };

  struct waiting_job {
    std::function<void()> work;
    clock::time_point since;
  };

  using lock = std::unique_lock<std::mutex>;

  static void spawn_detached(std::function<void()> main);

  bool all_taken_lately(clock::time_point now) const;
  void call_one(lock& guard);
  void add_thread();
  void serve();
  bool wait(lock& guard);

  const std::function<void()> before_idle_;
  const std::function<void(std::function<void()>)> spawn_;
  std::mutex mutex_; ///< guards all below
  std::condition_variable gone_;
  std::deque<waiting_job> queue_;
  std::vector<std::shared_ptr<idle_thread>> idle_; ///< the last in is first out
  clock::time_point next_try_; ///< no new thread before, for one was refused
  clock::time_point taken_;    ///< when a thread last took a job
  std::size_t threads_ = 0;
  std::size_t called_ = 0; ///< threads that were woken and look for a job
  std::size_t busy_ = 0;   ///< threads that run a job
  bool closed_ = false;
};

/// A fixed number of threads for the pieces of jobs. The threads start with the
/// first piece, and are joined at the end. Thread-safe.
class compute_pool {
public:
  explicit compute_pool(unsigned size) : size_(size) {
    // nop
  }

  compute_pool(const compute_pool&) = delete;
  compute_pool& operator=(const compute_pool&) = delete;

  /// Drops what was not begun.
  ~compute_pool();

  unsigned size() const noexcept {
    return size_;
  }

  void submit(void (*work)(void*), void* argument);

private:
  struct piece {
    void (*work)(void*);
    void* argument;
  };

  void serve();

  const unsigned size_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<piece> queue_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

} // namespace hearth::native
