/// Reads and writes blocking sockets.
#pragma once

#include <string_view>

#include "runtime/protocol/frame.hpp"

namespace hearth::native {

/// Writes both texts, one after the other.
/// @returns false if the peer is gone, or has not read for longer than the
///          socket waits
bool write_all(int fd, std::string_view first, std::string_view second = {});

/// Reads the bytes that have arrived; if there are none, waits for some.
/// @returns false at the end
bool read_some(int fd, protocol::frame_reader& to);

} // namespace hearth::native
