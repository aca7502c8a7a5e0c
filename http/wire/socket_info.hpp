/// What the kernel knows of a socket. Apart, for its header and Asio's exclude
/// each other.
#pragma once

#include <cstdint>

namespace hearth::http {

/// A number that no other socket of this machine has, or had; 0 if the
/// descriptor is no socket.
std::uint64_t cookie_of(int fd) noexcept;

/// Bytes that a TCP connection has received so far; 0 if it is none.
std::uint64_t received_by(int fd) noexcept;

} // namespace hearth::http
