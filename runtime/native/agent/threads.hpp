/// The threads of a native context.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace hearth::native {

/// A thread for each job that runs; a thread without a job waits a while for
/// the next. Thread-safe.
class job_threads {
public:
  job_threads() = default;

  /// Waits for the jobs that run.
  ~job_threads();

  job_threads(const job_threads&) = delete;
  job_threads& operator=(const job_threads&) = delete;

  /// Never waits for another job to end.
  void execute(std::function<void()> work);

private:
  struct waiting {
    std::condition_variable wake;
    std::function<void()> work;
  };

  void serve(std::function<void()> work);

  std::mutex mutex_;
  std::condition_variable gone_;
  std::vector<waiting*> idle_; ///< the last one in is the first one out
  std::size_t threads_ = 0;
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
