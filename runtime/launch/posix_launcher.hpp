/// The launcher for Linux: posix_spawn, and one thread that waits on pidfds.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "runtime/launch/launcher.hpp"

namespace hearth::launch {

/// A child that has ended is kept as a zombie until `forget`, so that no other
/// process can get its pid or the number of its group meanwhile. This process
/// must not ignore SIGCHLD, and no other code of it may wait for children.
///
/// `on_exit` may be called before `start` or `watch` returns, and while another
/// thread returns from `forget`. Exceptions that it throws are logged.
///
/// If an earlier server started a process, the rest of its group can be found
/// only by reading all of /proc, which takes milliseconds. The thread of the
/// launcher does that, so that no caller waits. The destructor waits until all
/// such searches are done.
class posix_launcher : public launcher {
public:
  /// @throws launch_error if the system gives no descriptor
  posix_launcher();

  /// Leaves the processes alone, because contexts may outlive the server. Must
  /// not be called from `on_exit`.
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
    bool forgotten = false;    ///< still lives, and is reaped when it ends
    int searches = 0;          ///< how many for its group are not done yet
    std::int64_t ended_at = 0; ///< ticks since boot; 0: its end was not seen
  };
  using entry_map = std::map<int, entry>; ///< by pidfd

  void run();
  void do_tasks();
  void search(process_id process, int signum);
  void wake_up();
  void handle_end(int pidfd);
  bool add(int pidfd, entry x); ///< if false, errno says why
  void drop(entry_map::iterator pos);
  entry_map::iterator find(process_id process);

  int epoll_ = -1;
  int wake_up_ = -1;
  std::mutex mutex_; ///< guards the next three members
  entry_map entries_;
  /// Work for the thread, which does it without the lock.
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace hearth::launch
