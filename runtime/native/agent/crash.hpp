/// Reports crashes: writes the signal, the job and a backtrace to the context's
/// log.
#pragma once

#include <memory>
#include <string_view>

namespace hearth::native {

/// From then on, a fatal signal writes its name, the job and a backtrace to
/// stderr, and then ends the process as it would have without this.
void report_crashes();

/// From then on, writes each report to that descriptor, too. It stays open.
void copy_crashes_to(int fd);

/// A stack for signal handlers of the calling thread. Its own stack may be what
/// overflowed.
class signal_stack {
public:
  signal_stack();
  ~signal_stack();
  signal_stack(const signal_stack&) = delete;
  signal_stack& operator=(const signal_stack&) = delete;

private:
  std::unique_ptr<char[]> memory_;
};

/// Names the job that the calling thread runs, for the report of a crash. The
/// text has to outlive this object.
class crash_label {
public:
  explicit crash_label(std::string_view job) noexcept;
  ~crash_label();
  crash_label(const crash_label&) = delete;
  crash_label& operator=(const crash_label&) = delete;
};

} // namespace hearth::native
