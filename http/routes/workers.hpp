/// Threads for the parts of requests that take long: parsing and rendering
/// large texts.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

#include <asio/thread_pool.hpp>

namespace hearth::http {

/// Two threads, started when the first task comes. What waits for them is as
/// much as there are requests under way, which are limited. Thread-safe.
class workers {
public:
  workers() = default;
  ~workers();
  workers(const workers&) = delete;
  workers& operator=(const workers&) = delete;

  /// Runs the task on one of the threads, or drops it after `close`. It must
  /// not throw.
  void run(std::function<void()> task);

  /// Drops what has not begun, and waits for what has.
  void close();

private:
  /// One text of megabytes must not hold up all others.
  static constexpr std::size_t threads = 2;

  std::mutex mutex_; ///< guards what follows
  bool closed_ = false;
  std::unique_ptr<asio::thread_pool> pool_;
};

} // namespace hearth::http
