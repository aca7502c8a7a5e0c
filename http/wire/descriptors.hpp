/// File descriptors: enough of them, and none left for one connection too many.
#pragma once

#include <cstddef>

namespace hearth::http {

/// Raises the limit of open files as far as this process may.
/// @returns the limit that now holds
std::size_t raise_descriptor_limit() noexcept;

/// How many connections may be accepted before the first of them is looked at.
/// With one, a flood on a thousand connections keeps the next thousand, and
/// whoever asks for /healthz, waiting for seconds; with many, they take all
/// descriptors before `descriptor_gate` sees them.
std::size_t accepts_at_once() noexcept;

/// Decides whether one more connection can be had. It looks at the descriptors
/// that are really in use, so nothing it counted can ever leak; the price is
/// that other users of descriptors count as connections too.
class descriptor_gate {
public:
  /// @param max_connections beyond what is open now
  explicit descriptor_gate(std::size_t max_connections) noexcept;

  bool admits() const noexcept;

private:
  int end_; ///< the first descriptor that no connection may have
};

} // namespace hearth::http
