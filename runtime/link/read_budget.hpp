/// Bounds the bytes that were read from an agent and are not handled yet.
/// Internal to runtime/link.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>

namespace hearth::link {

/// Counts the bytes of the frames that actors have not handled yet. Each frame
/// carries a lease. Its bytes are given back when the last copy of the lease is
/// destroyed, on whichever thread that happens.
class read_budget : public std::enable_shared_from_this<read_budget> {
public:
  using lease = std::shared_ptr<const void>;

  /// @param most    how many bytes may be unhandled before reading pauses
  /// @param resume  called on any thread, once for each time that `exhausted`
  ///                returned true; must not throw
  read_budget(std::size_t most, std::function<void()> resume)
    : most_(most), resume_(std::move(resume)) {}

  /// Takes bytes out of the budget, if necessary more than it has left. The
  /// lease also keeps `other`.
  lease take(std::size_t bytes, lease other = nullptr);

  /// Whether reading has to pause. If so, `resume` is called as soon as at most
  /// half of `most` is unhandled. For one thread only.
  bool exhausted();

  /// Makes sure that `resume` is not called any more once this has returned.
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
