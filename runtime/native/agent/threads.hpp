/// The threads of a native context.
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

/// Runs jobs, as many at once as there are. Threads without a job wait for
/// events together, and the one that gets an event handles it and then runs
/// itself what that has brought: a short job wakes one thread on its way, the
/// one that reads it.
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
/// One thread always watches: the last one that does runs jobs only if there
/// can be another, else they wait for those that run others. A burst of short
/// jobs is run by the thread that read it; another one helps when a job has
/// waited for longer than `patience`, for the one before it may take for ever.
/// Threads that watch in vain for a while end.
///
/// Thread-safe.
class job_threads {
public:
  using clock = std::chrono::steady_clock;

  /// How long a job may wait behind another, if there can be one more thread.
  static constexpr std::chrono::microseconds patience{200};

  /// @param events   what threads wait for; closed at the end, outlives this
  /// @param handle   called with each event, by several threads at once; what
  ///                 it executes is run by the same thread
  /// @param before_idle called by a thread that has run all jobs there were
  /// @param spawn begins a thread nobody joins; may throw std::system_error
  explicit job_threads(
    poller& events, std::function<void(poller::event)> handle = [](auto) {},
    std::function<void()> before_idle = [] {},
    std::function<void(std::function<void()>)> spawn = spawn_detached);

  /// Waits for the jobs that run and those that wait.
  ~job_threads();

  job_threads(const job_threads&) = delete;
  job_threads& operator=(const job_threads&) = delete;

  void execute(std::function<void()> work);

  /// Whether a job waits; the calling thread may be the one to run it next.
  bool more();

  /// How many there are.
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
  std::mutex mutex_; ///< guards all below
  std::condition_variable gone_;
  std::deque<std::function<void()>> queue_;
  clock::time_point next_try_; ///< no new thread before, for one was refused
  clock::time_point taken_;    ///< when a thread last took a job
  std::size_t threads_ = 0;
  std::size_t watching_ = 0; ///< of them, those that run no job
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
