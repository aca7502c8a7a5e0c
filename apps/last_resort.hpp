/// Ends the process if something that has a time limit hangs all the same.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace hearth {

/// While this lives, a thread waits; after the limit it calls `complain` and
/// ends the process with the exit code, without running any destructor. Every
/// step of a stop has its own limit: this is for what hangs where none was
/// expected.
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
