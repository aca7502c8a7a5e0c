/// The process that isolated jobs are forked from.
///
/// ```
///  agent ---- control: start, signal ----> zygote (one thread, no libraries)
///    |  \                                     | fork
///    |   <---- report: crash, end ------------+-------+
///    +-------- the job's frames ---------------> child: one job
/// ```
///
/// It is forked before the agent has any thread, so what it forks has no lock
/// that another thread held. It loads nothing: a library that crashes in its
/// initialisers costs its job alone. When the agent goes away, by whatever
/// way, it ends the process group of each child and then itself; if it goes
/// away itself, the kernel ends the children.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace hearth::native {

/// A descriptor that is closed with its owner.
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

/// What a zygote says last on a report: how the child ended. Before it come
/// packets of text, what a crash left; text does not begin with a zero.
struct end_report {
  char zero = 0;
  char forked = 0;       ///< 0: it was not even made; `code` is errno
  std::int32_t code = 0; ///< as of waitpid
};

/// The agent's handle of it. Thread-safe.
class zygote {
public:
  /// What a child does; nothing may be thrown from it.
  using child_main = std::function<void(owned_fd frames)>;

  /// Forks it; the calling process must have one thread only.
  /// @throws std::system_error
  explicit zygote(const child_main& child);

  /// Names one child.
  using number = std::uint64_t;

  /// Has a child made. @throws std::system_error if the zygote is gone
  /// @param frames child's end of a stream socket
  /// @param report the other end of what `end_report` comes from
  number start(owned_fd frames, owned_fd report);

  /// Sends a signal to the process group of a child, if it still lives.
  void signal(number child, int what);

private:
  owned_fd control_;
};

} // namespace hearth::native
