/// The process that isolated jobs are forked from.
///
/// ```
///  agent ---- control: start, signal ----> zygote (one thread, no libraries)
///    |  \                                     | fork
///    |   <---- report: crash, end ------------+-------+
///    +-------- the job's frames ---------------> child: one job
/// ```
///
/// It is forked before the agent has any other thread, so its children inherit
/// no lock that another thread held. It loads no libraries, so a library that
/// crashes in its initialisers ends only its own job. When the agent ends, in
/// whatever way, the zygote ends the process group of each child and then
/// itself. When the zygote ends, the kernel ends the children.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace hearth::native {

/// A descriptor that the destructor closes.
class owned_fd {
public:
  explicit owned_fd(int fd = -1) : fd_(fd) {
    // nop
  }
  owned_fd(owned_fd&& x) noexcept : fd_(x.release()) {
    // nop
  }
  owned_fd& operator=(owned_fd&& x) noexcept;
  ~owned_fd();

  int get() const noexcept {
    return fd_;
  }

  int release() noexcept;

private:
  int fd_;
};

/// The last packet on a report socket, which says how the child ended. Packets
/// before it are text that a crash wrote; text does not begin with a zero.
struct end_report {
  char zero = 0;
  char forked = 0;       ///< 0 if the fork failed; `code` is `errno` then
  std::int32_t code = 0; ///< the status of waitpid
};

/// The agent's handle for the zygote. Thread-safe.
class zygote {
public:
  /// The function that runs in a child. It must not throw.
  using child_main = std::function<void(owned_fd frames)>;

  /// Forks the zygote. The calling process must have only one thread.
  /// @throws std::system_error
  explicit zygote(const child_main& child);

  /// Identifies a child.
  using number = std::uint64_t;

  /// Makes the zygote fork a child.
  /// @param frames the child's end of a stream socket
  /// @param report the zygote's end of the socket for `end_report`
  /// @throws std::system_error if the zygote is gone
  number start(owned_fd frames, owned_fd report);

  /// Sends a signal to the process group of a child, if it still lives.
  void signal(number child, int what);

private:
  owned_fd control_;
};

} // namespace hearth::native
