/// Bounds what was read from an agent and is not handled yet. Internal to
/// runtime/link.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

namespace hearth::link {

/// Counts the bytes of frames that actors have and did not handle yet. Each
/// frame carries a lease; its bytes are given back when the last copy of the
/// lease is destroyed, on whichever thread that happens.
class read_budget : public std::enable_shared_from_this<read_budget> {
public:
  using lease = std::shared_ptr<const void>;

  /// @param most    bytes that may be out on lease before reading pauses
  /// @param resume  called on any thread, once for each time that `exhausted`
  ///                returned true; must not throw
  read_budget(std::size_t most, std::function<void()> resume)
    : most_(most), resume_(std::move(resume)) {}

  /// Takes bytes out of the budget; more than there are, if need be. The lease
  /// also holds `other`.
  lease take(std::size_t bytes, lease other = nullptr);

  /// Whether reading has to pause. If so, `resume` is called as soon as no more
  /// than half of `most` is out on lease. For one thread only.
  bool exhausted();

  /// `resume` is not called any more once this has returned.
  void shut();

private:
  struct part;

  void give_back(std::size_t bytes);

  const std::size_t most_;
  std::atomic<std::size_t> out_{0};
  std::atomic<bool> paused_{false};
  std::mutex mutex_; ///< guards resume_
  std::function<void()> resume_;
};

} // namespace hearth::link
