/// Keeps the newest progress frame of each job until it can be handed over.
/// Internal to runtime/link.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/protocol/frame.hpp"

namespace hearth::link {

/// Keeps `job_progress` frames that cannot be handed over yet. A newer frame
/// replaces an older one of the same job. Not thread-safe.
class progress_box {
public:
  /// Adds a frame.
  /// @returns false if the box is full now and should be emptied
  bool put(std::string job, protocol::frame x) {
    auto& slot = frames_[std::move(job)];
    bytes_ -= slot.header.size();
    bytes_ += x.header.size();
    slot = std::move(x);
    return bytes_ < most_bytes && frames_.size() < most_jobs;
  }

  bool empty() const noexcept {
    return frames_.empty();
  }

  std::vector<protocol::frame> take_all() {
    std::vector<protocol::frame> result;
    result.reserve(frames_.size());
    for (auto& [job, x] : frames_)
      result.push_back(std::move(x));
    frames_.clear();
    bytes_ = 0;
    return result;
  }

private:
  static constexpr std::size_t most_jobs = 1000;
  static constexpr std::size_t most_bytes = 1024 * 1024;

  std::map<std::string, protocol::frame> frames_;
  std::size_t bytes_ = 0;
};

} // namespace hearth::link
