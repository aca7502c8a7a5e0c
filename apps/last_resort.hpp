/// Ends the process if a step that should have a time limit hangs nevertheless.
/// The start and the stop of a server use it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace hearth {

/// Starts a thread that waits. If this object still lives after the limit, that
/// thread calls `complain` and ends the process with the exit code, without
/// running any destructor. Every step of a stop has a limit of its own; this
/// one is for the case that a step hangs in spite of it.
class last_resort {
public:
  last_resort(std::chrono::milliseconds limit, int exit_code,
              std::function<void()> complain);
  ~last_resort();

  last_resort(const last_resort&) = delete;
  last_resort& operator=(const last_resort&) = delete;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

} // namespace hearth
