/// Keeps descriptors in reserve for agents, so that an agent can be accepted
/// even if the rest of the server has used up all others. Internal to
/// runtime/link.
#pragma once

#include <cstddef>
#include <vector>

namespace hearth::link {

/// Holds open descriptors and gives them back to the system one by one. Not
/// thread-safe.
class descriptor_reserve {
public:
  /// Takes as many descriptors as it can get, and not more than `size`.
  explicit descriptor_reserve(std::size_t size);
  ~descriptor_reserve();

  descriptor_reserve(const descriptor_reserve&) = delete;
  descriptor_reserve& operator=(const descriptor_reserve&) = delete;

  /// Closes one descriptor, so that the next `accept` can use its number.
  /// @returns false if none is left
  bool release_one() noexcept;

  /// Takes the released descriptors back, as far as numbers are free.
  void refill() noexcept;

  std::size_t size() const noexcept {
    return held_.size();
  }

private:
  const std::size_t wanted_;
  std::vector<int> held_;
};

/// Returns how many descriptors to reserve in this process: a sixteenth of its
/// limit, but not more than 32 and not fewer than 4.
std::size_t reserve_by_limit() noexcept;

/// Returns how many newcomers this process can afford: an eighth of its limit
/// of descriptors, but not more than `wanted`.
std::size_t newcomers_by_limit(std::size_t wanted) noexcept;

} // namespace hearth::link
