/// Checks that an agent does not send more of a result than it has credit for.
/// Internal to runtime/link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace hearth::link {

/// Counts, for one connection, how far each job's result is ahead of the credit
/// frames that were sent for it. Not thread-safe.
class result_credit {
public:
  /// @param window  the credit that comes with each `run_job`, in bytes
  explicit result_credit(std::uint64_t window) : window_(window) {}

  /// Call it when a `credit` frame is sent to the agent.
  void granted(const std::string& job, std::uint64_t bytes);

  /// Call it when a `result_part` has arrived.
  /// @throws protocol_error if the agent had no credit for it
  void received(const std::string& job, std::size_t bytes);

  /// Call it when the job's end or refusal has arrived.
  void ended(const std::string& job);

  bool empty() const noexcept {
    return ahead_.empty();
  }

private:
  const std::uint64_t window_;
  std::map<std::string, std::uint64_t> ahead_;
};

} // namespace hearth::link
