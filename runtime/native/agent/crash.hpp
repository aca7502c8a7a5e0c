/// What a crash leaves in the context's log.
#pragma once

#include <memory>
#include <string_view>

namespace hearth::native {

/// From here on a fatal signal writes its name, the job and a backtrace to
/// stderr, and then ends the process as it would have.
void report_crashes();

/// Writes it to that descriptor, too; it stays open.
void copy_crashes_to(int fd);

/// A stack for the signal handlers of the calling thread, for its own may be
/// what ran out.
class signal_stack {
public:
  signal_stack();
  ~signal_stack();
  signal_stack(const signal_stack&) = delete;
  signal_stack& operator=(const signal_stack&) = delete;

private:
  std::unique_ptr<char[]> memory_;
};

/// The job that the calling thread runs, named if it crashes. The text has to
/// outlive it.
class crash_label {
public:
  explicit crash_label(std::string_view job) noexcept;
  ~crash_label();
  crash_label(const crash_label&) = delete;
  crash_label& operator=(const crash_label&) = delete;
};

} // namespace hearth::native
