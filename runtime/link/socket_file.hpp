/// Makes and removes the file of the Unix socket. Internal to runtime/link.
#pragma once

#include <string>
#include <sys/stat.h>

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

namespace hearth::link {

/// Listens on the Unix socket `path`.
///
/// - Its folder is made with mode 0700 if it is missing; the folder above has
///   to exist. If it belongs to another user or is not a folder, that is an
///   error. If other users may enter it, its mode is changed.
/// - The socket has mode 0600 from its first moment on.
/// - A socket that exists already was left by a server that was killed, and is
///   replaced. Any other file is not touched, which is an error.
///
/// @throws std::system_error or std::runtime_error that says what is wrong;
///         also if the path is too long for a Unix socket
asio::local::stream_protocol::acceptor listen_on_file(asio::io_context& io,
                                                      const std::string& path);

/// Removes a socket at the end, unless another server has replaced it.
class socket_remover {
public:
  socket_remover() = default;

  /// Remembers the file that has this path now.
  explicit socket_remover(const std::string& path);

  /// Removes the file if it is still the same. Call it while the socket is
  /// open, so that no other file can have the same inode number.
  void remove();

private:
  std::string path_;
  bool known_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

} // namespace hearth::link
