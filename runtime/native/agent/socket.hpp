/// Blocking sockets, whole messages.
#pragma once

#include <string_view>

#include "runtime/protocol/frame.hpp"

namespace hearth::native {

/// Writes both, one after the other. @returns false if the peer is gone, or has
/// not read for as long as the socket waits
bool write_all(int fd, std::string_view first, std::string_view second = {});

/// Reads what is there, or waits for it. @returns false at the end
bool read_some(int fd, protocol::frame_reader& to);

} // namespace hearth::native
