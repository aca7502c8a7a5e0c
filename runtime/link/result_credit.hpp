/// Checks that an agent keeps to the credit for its results. Internal to
/// runtime/link.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace hearth::link {

/// How far each job's result is ahead of the credit that was sent for it on one
/// connection. Not thread-safe.
class result_credit {
public:
  /// @param window  the credit of each `run_job`, bytes
  explicit result_credit(std::uint64_t window) : window_(window) {}

  /// A `credit` frame goes to the agent.
  void granted(const std::string& job, std::uint64_t bytes);

  /// A `result_part` came.
  /// @throws protocol_error if the agent had no credit for it
  void received(const std::string& job, std::size_t bytes);

  /// The job's end or refusal came.
  void ended(const std::string& job);

  bool empty() const noexcept {
    return ahead_.empty();
  }

private:
  const std::uint64_t window_;
  std::map<std::string, std::uint64_t> ahead_;
};

} // namespace hearth::link
