/// The interface that starts, watches and signals the processes of contexts,
/// and the types that it needs. Tests replace the implementation.
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
  std::vector<std::string> argv;          ///< argv[0] is a path or name in PATH
  std::map<std::string, std::string> env; ///< wins over inherited variables
  std::string working_dir;                ///< must exist
  std::string log_file; ///< stdout and stderr are appended to it
  /// Becomes its stdin; the caller keeps the descriptor. -1: /dev/null
  int stdin_fd = -1;
  /// Variables that it gets in addition to the usual ones of the server's
  /// environment: entries as `inherited` (environment.hpp) takes them.
  std::vector<std::string> inherit{};
};

/// How a process ended. If it was not a child of this server, only the fact
/// that it ended is known, and `known` is false.
struct process_exit {
  process_id process;
  bool known = true;
  int code = 0;   ///< exit code, if it exited by itself
  int signal = 0; ///< the signal that killed it, or 0
};

/// Returns e.g. "exited with code 1" or "killed by signal 9 (SIGKILL)".
std::string to_string(const process_exit& x);

/// The condition of a process.
enum class process_condition { runs, stopped, gone };

using exit_handler = std::function<void(const process_exit&)>;

/// Thread-safe. `on_exit` is called once, on a thread of the launcher, and must
/// not block.
class launcher {
public:
  virtual ~launcher() = default;

  /// Starts a process as leader of its own session and process group. It
  /// inherits no descriptor but its stdin and the log file.
  /// @throws launch_error
  virtual process_id start(const process_spec& spec, exit_handler on_exit) = 0;

  /// Watches a process that an earlier server started.
  /// @returns false if it is gone already; `on_exit` is then never called
  /// @throws launch_error if it cannot be watched
  virtual bool watch(process_id process, exit_handler on_exit) = 0;

  /// Sends a signal to the process group that `process` leads, and never to
  /// another group that has the same number by now. After the leader's exit was
  /// reported, the processes that it left in its group can still be signalled
  /// until `forget`. Returns at once: if the rest of a group has to be searched
  /// for, a thread of the launcher does that, even if `forget` is called
  /// meanwhile.
  /// @returns false if the process is not known, was forgotten, or certainly
  ///          has nothing left to signal
  virtual bool signal_group(process_id process, int signum) = 0;

  /// Returns the present condition of that process. A zombie is gone.
  virtual process_condition look(process_id process) = 0;

  /// Call it when there will be no more calls about this process.
  virtual void forget(process_id process) = 0;
};

/// Whether exactly that process lives (a zombie does not).
bool alive(process_id process);

/// Returns whole lines from the end of a log, up to `max_bytes`; "" if there is
/// no log.
std::string tail(const std::string& file, std::size_t max_bytes);

} // namespace hearth::launch
