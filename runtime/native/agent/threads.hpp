/// The threads of a native context: those that run jobs, and the pool for the
/// pieces of jobs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/native/agent/poller.hpp"

namespace hearth::native {

/// Runs all jobs at once. Threads without a job wait for events together. The
/// thread that gets an event handles it, and then runs the jobs that came with
/// it. So a short job wakes only one thread, the one that reads it.
///
/// ```
///               event                     a job came with it
///   watching ----------> handles it  -----------------------> runs jobs
///      ^                      |                                   |
///      |                      | nothing to run                    |
///      +----------------------+<----------------------------------+
///                                    there are no more
/// ```
///
/// One thread always watches. The last one that does so runs jobs only if
/// another thread can be started; if not, the jobs wait for the threads that
/// run other jobs. The thread that has read a burst of short jobs runs them
/// all. Another thread helps when a job has waited for longer than `patience`,
/// because the job before it may take very long. Threads that have watched for
/// a while without an event end.
///
/// Thread-safe.
class job_threads {
public:
  using clock = std::chrono::steady_clock;

  /// How long a job may wait behind another one if one more thread can be
  /// started.
  static constexpr std::chrono::microseconds patience{200};

  /// @param events   the events that threads wait for; closed at the end; has
  ///                 to outlive this object
  /// @param handle   called with each event, by several threads at once; jobs
  ///                 that it passes to `execute` are run by the same thread
  /// @param before_idle called by a thread that has run all jobs
  /// @param spawn starts a detached thread; may throw std::system_error
  explicit job_threads(
    poller& events, std::function<void(poller::event)> handle = [](auto) {},
    std::function<void()> before_idle = [] {},
    std::function<void(std::function<void()>)> spawn = spawn_detached);

  /// Waits until all jobs have ended, also those that wait now.
  ~job_threads();

  job_threads(const job_threads&) = delete;
  job_threads& operator=(const job_threads&) = delete;

  void execute(std::function<void()> work);

  /// Whether a job waits. The calling thread may be the one that runs it next.
  bool more();

  /// Returns how many threads there are.
  std::size_t threads();

private:
  using lock = std::unique_lock<std::mutex>;

  static void spawn_detached(std::function<void()> main);

  void serve();
  poller::event watch(lock& guard);
  bool is_wanted(poller::event what);
  bool may_leave(lock& guard);
  void start_thread();
  void run_jobs(lock& guard);
  void end_all(lock& guard);

  poller& events_;
  const std::function<void(poller::event)> handle_;
  const std::function<void()> before_idle_;
  const std::function<void(std::function<void()>)> spawn_;
  std::mutex mutex_; ///< guards all members below
  std::condition_variable gone_;
  std::deque<std::function<void()>> queue_;
  /// No thread is started before this time, because the system refused one.
  clock::time_point next_try_;
  clock::time_point taken_; ///< when a thread last took a job
  std::size_t threads_ = 0;
  std::size_t watching_ = 0; ///< how many threads run no job
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

  /// Drops all pieces that were not begun.
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
