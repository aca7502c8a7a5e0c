/// Where frames about a job go.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "runtime/protocol/frame.hpp"

namespace hearth::native {

using steady_clock = std::chrono::steady_clock;

/// Tells one connection from the next; 0: none.
using connection_id = std::uint64_t;

class frame_sink {
public:
  virtual ~frame_sink() = default;

  /// Sends a frame whose payload is given apart from it. Who calls may have to
  /// wait for the socket. Thread-safe.
  /// @param hold a small frame may wait for the next one
  /// @returns false if that connection is no more
  virtual bool send(connection_id connection, const protocol::frame& x,
                    std::string_view payload = {}, bool hold = false)
    = 0;
};

} // namespace hearth::native
