/// The standard input of a child that lives no longer than the server: its end
/// is how the child learns that the server is gone, however that went.
#pragma once

#include <string_view>

namespace hearth::launch {

/// Owns both ends of a pipe; not thread-safe.
class child_input {
public:
  /// @throws launch_error if the system gives no descriptors
  child_input();
  ~child_input();

  child_input(child_input&& x) noexcept;
  child_input& operator=(child_input&& x) noexcept;

  /// For process_spec::stdin_fd, until `started`.
  int read_end() const noexcept {
    return read_;
  }

  /// The child has its end: closes ours of it.
  void started() noexcept;

  /// @returns false if not all of it went into the pipe
  bool write(std::string_view text) noexcept;

private:
  int read_ = -1;
  int write_ = -1;
};

} // namespace hearth::launch
