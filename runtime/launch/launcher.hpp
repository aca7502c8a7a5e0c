/// Starts, watches and signals the processes of contexts.
#pragma once

#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/process_id.hpp"

namespace hearth::launch {

/// A process that could not be started.
class launch_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

struct process_spec {
  std::vector<std::string> argv;          ///< argv[0]: path or name in PATH
  std::map<std::string, std::string> env; ///< on top of what is inherited
  std::string working_dir;                ///< must exist
  std::string log_file;                   ///< stdout and stderr, appended
  int stdin_fd = -1; ///< becomes its stdin, stays the caller's; -1: /dev/null
  /// What it gets of the server's environment beyond the usual variables:
  /// entries as `inherited` (environment.hpp) takes them.
  std::vector<std::string> inherit{};
};

/// How a process ended. Of a process that is no child of ours only the end
/// itself is known: `known` is false.
struct process_exit {
  process_id process;
  bool known = true;
  int code = 0;   ///< if it exited
  int signal = 0; ///< if it was killed by one, else 0
};

/// E.g. "exited with code 1", "killed by signal 9 (SIGKILL)".
std::string to_string(const process_exit& x);

/// What a process does.
enum class process_condition { runs, stopped, gone };

using exit_handler = std::function<void(const process_exit&)>;

/// Thread-safe. `on_exit` is called once, from a thread of the launcher, and
/// must not block.
class launcher {
public:
  virtual ~launcher() = default;

  /// Starts a process as leader of its own session and process group; it
  /// inherits no descriptor but the log file. @throws launch_error
  virtual process_id start(const process_spec& spec, exit_handler on_exit) = 0;

  /// Watches a process that an earlier server started.
  /// @returns false if it is gone already; `on_exit` is then never called
  /// @throws launch_error if it cannot be watched
  virtual bool watch(process_id process, exit_handler on_exit) = 0;

  /// Sends a signal to the process group that `process` leads, never to one
  /// that merely has the same number now. What the leader left behind in its
  /// group can still be signalled after its exit was reported, until `forget`.
  /// Returns at once: if the rest of a group has to be looked for, a thread of
  /// the launcher does that, also when `forget` has been called meanwhile.
  /// @returns false if the process is not known, was forgotten, or certainly
  ///          has nothing left to signal
  virtual bool signal_group(process_id process, int signum) = 0;

  /// What that process does now; a zombie is gone.
  virtual process_condition look(process_id process) = 0;

  /// No more calls about this process will come.
  virtual void forget(process_id process) = 0;
};

/// Whether exactly that process lives (a zombie does not).
bool alive(process_id process);

/// The last `max_bytes` of a log, cut at a line; "" if there is none.
std::string tail(const std::string& file, std::size_t max_bytes);

} // namespace hearth::launch
