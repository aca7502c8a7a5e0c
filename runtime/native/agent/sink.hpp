/// The interface by which a run sends frames: to the link, or in an isolated
/// job to the agent.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "runtime/protocol/frame.hpp"

namespace hearth::native {

using steady_clock = std::chrono::steady_clock;

/// Distinguishes one connection from the next; 0: none.
using connection_id = std::uint64_t;

class frame_sink {
public:
  virtual ~frame_sink() = default;

  /// Sends a frame with a payload that is given separately. May wait for the
  /// socket. Thread-safe.
  /// @param hold whether a small frame may wait for the next one
  /// @returns false if that connection does not exist any more
  virtual bool send(connection_id connection, const protocol::frame& x,
                    std::string_view payload = {}, bool hold = false)
    = 0;
};

} // namespace hearth::native
