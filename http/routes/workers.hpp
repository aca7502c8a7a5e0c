/// Threads for the parts of requests that take long, which are parsing and
/// rendering large texts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include <asio/thread_pool.hpp>

namespace hearth::http {

/// Two threads, which start with the first task. The number of waiting tasks is
/// bounded by the number of requests under way. Thread-safe.
class workers {
public:
  workers() = default;
  ~workers();
  workers(const workers&) = delete;
  workers& operator=(const workers&) = delete;

  /// Runs the task on one of the threads, or drops it after `close`. It must
  /// not throw.
  void run(std::function<void()> task);

  /// Drops the tasks that have not begun, and waits for the others.
  void close();

private:
  /// One text of megabytes must not hold up all others.
  static constexpr std::size_t threads = 2;

  std::mutex mutex_; ///< guards the members below
  bool closed_ = false;
  std::unique_ptr<asio::thread_pool> pool_;
};

} // namespace hearth::http
