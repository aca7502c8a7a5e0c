/// The standard input of a child process that must not outlive the server. When
/// the server is gone, for whatever reason, the child reads the end of its
/// input. Spares and the makers of archives have one.
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

  /// Returns the value for process_spec::stdin_fd. Valid until `started`.
  int read_end() const noexcept {
    return read_;
  }

  /// Closes this process's copy of the read end. Call it once the child runs.
  void started() noexcept;

  /// Writes a text to the child.
  /// @returns false if the pipe did not take all of it
  bool write(std::string_view text) noexcept;

private:
  int read_ = -1;
  int write_ = -1;
};

} // namespace hearth::launch
