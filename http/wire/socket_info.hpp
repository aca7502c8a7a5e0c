/// Asks the kernel about a socket. This has a source of its own because the
/// kernel's header and Asio's cannot be included together.
#pragma once

#include <cstdint>

namespace hearth::http {

/// Returns a number that no other socket of this machine has or had; 0 if the
/// descriptor is not a socket.
std::uint64_t cookie_of(int fd) noexcept;

/// Returns how many bytes a TCP connection has received so far; 0 if the
/// descriptor is not a TCP connection.
std::uint64_t received_by(int fd) noexcept;

} // namespace hearth::http
