/// The launcher for Linux: posix_spawn, and one thread that waits on pidfds.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// A child that ended is kept as a zombie until `forget`, and so are its pid
/// and its group's number: no stranger can get them meanwhile. SIGCHLD must
/// not be ignored in this process, nor may anyone else wait for its children.
///
/// `on_exit` may be called before `start` or `watch` returns, and once more
/// while a `forget` by another thread returns. What it throws is logged.
///
/// What is left of the group of a process that is no child of ours (an earlier
/// server started it) can only be found by reading all of /proc, which takes
/// milliseconds. The thread of the launcher does that, so that no caller waits;
/// the destructor waits until all of it is done.
class posix_launcher : public launcher {
public:
  /// @throws launch_error if the system gives no descriptor
  posix_launcher();

  /// Leaves the processes alone: contexts may outlive the server. Not to be
  /// called from `on_exit`.
  ~posix_launcher() override;

  posix_launcher(const posix_launcher&) = delete;
  posix_launcher& operator=(const posix_launcher&) = delete;

  process_id start(const process_spec& spec, exit_handler on_exit) override;
  bool watch(process_id process, exit_handler on_exit) override;
  bool signal_group(process_id process, int signum) override;
  process_condition look(process_id process) override;
  void forget(process_id process) override;

private:
  struct entry {
    process_id process;
    exit_handler on_exit; ///< empty once called or forgotten
    bool is_child = false;
    bool forgotten = false;    ///< lives on, to be reaped when it ends
    int searches = 0;          ///< of its group that are still to be done
    std::int64_t ended_at = 0; ///< ticks since boot; 0: not seen yet
  };
  using entry_map = std::map<int, entry>; ///< by pidfd

  void run();
  void do_tasks();
  void search(process_id process, int signum);
  void wake_up();
  void handle_end(int pidfd);
  bool add(int pidfd, entry x); ///< false: errno says why
  void drop(entry_map::iterator pos);
  entry_map::iterator find(process_id process);

  int epoll_ = -1;
  int wake_up_ = -1;
  std::mutex mutex_; ///< guards the three below
  entry_map entries_;
  std::deque<std::function<void()>>
    tasks_; ///< for the thread, without the lock
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace hearth::launch
