/// The Unix socket as a file. Internal to runtime/link.
#pragma once

#include <string>
#include <sys/stat.h>

#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

namespace hearth::link {

/// Listens on the Unix socket `path`.
///
/// - Its folder is made with mode 0700 if it is not there; the folder above has
///   to be there. If it belongs to another user, or is no folder, nothing is
///   done. If others may enter it, that is changed.
/// - The socket has mode 0600 from its first moment on.
/// - A socket that lies there already was left by a server that was killed, and
///   is replaced. Any other file is left alone.
///
/// @throws std::system_error or std::runtime_error that says what is wrong: in
/// all of these cases, and if the path is longer than a Unix socket's can be
asio::local::stream_protocol::acceptor listen_on_file(asio::io_context& io,
                                                      const std::string& path);

/// Removes a socket at the end, unless another server's has taken its place.
class socket_remover {
public:
  socket_remover() = default;

  /// Remembers the file that is there now.
  explicit socket_remover(const std::string& path);

  /// Call it while the socket is open, so that no other file can have the same
  /// number.
  void remove();

private:
  std::string path_;
  bool known_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

} // namespace hearth::link
