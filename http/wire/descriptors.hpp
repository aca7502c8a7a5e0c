/// Raises the limit of file descriptors, and keeps connections from using all
/// of them.
#pragma once

#include <cstddef>

namespace hearth::http {

/// Raises the limit of open files as far as this process may.
/// @returns the new limit
std::size_t raise_descriptor_limit() noexcept;

/// Returns how many connections are accepted before the first of them is
/// inspected. With one at a time, a flood on a thousand connections would keep
/// further clients, such as those of /healthz, waiting for seconds. With too
/// many, they would take all descriptors before `descriptor_gate` sees them.
std::size_t accepts_at_once() noexcept;

/// Decides whether there are descriptors for one more connection. It looks at
/// the descriptors that are really in use, so there is no count that could go
/// wrong. The price is that descriptors for other purposes count as
/// connections, too.
class descriptor_gate {
public:
  /// @param max_connections limit, in addition to the descriptors open now
  explicit descriptor_gate(std::size_t max_connections) noexcept;

  bool admits() const noexcept;

private:
  int end_; ///< the first descriptor that no connection may have
};

} // namespace hearth::http
