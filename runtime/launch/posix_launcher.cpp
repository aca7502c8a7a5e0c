#include "runtime/launch/posix_launcher.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <spdlog/spdlog.h>

#include "runtime/launch/proc_stat.hpp"
#include "runtime/launch/spawn.hpp"

namespace hearth::launch {

namespace {

std::string error_text(const char* what) {
  return std::string(what) + ": " + std::generic_category().message(errno);
}

bool has_ended(int pidfd) {
  pollfd x{pidfd, POLLIN, 0};
  return ::poll(&x, 1, 0) == 1;
}

bool add_to_epoll(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  return ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/// How a child ended; it stays a zombie.
process_exit look_at(int pidfd, process_id process, bool is_child) {
  process_exit result{process, false, 0, 0};
  siginfo_t info{};
  if (is_child
      && ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info,
                  WEXITED | WNOHANG | WNOWAIT)
           == 0
      && info.si_pid != 0) {
    result.known = true;
    (info.si_code == CLD_EXITED ? result.code : result.signal) = info.si_status;
  }
  return result;
}

void reap(int pidfd) {
  siginfo_t info{};
  ::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG);
}

/// @returns false if the group is empty
bool send(std::int64_t group, int signum) {
  return ::kill(static_cast<pid_t>(-group), signum) == 0 || errno != ESRCH;
}

} // namespace

posix_launcher::posix_launcher() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wake_up_ = ::eventfd(0, EFD_CLOEXEC);
  if (epoll_ < 0 || wake_up_ < 0 || !add_to_epoll(epoll_, wake_up_)) {
    auto text = error_text("cannot watch processes");
    ::close(epoll_);
    ::close(wake_up_);
    throw launch_error(text);
  }
  // Signals are for the server's other threads.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

posix_launcher::~posix_launcher() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  wake_up();
  thread_.join();
  while (!entries_.empty())
    drop(entries_.begin());
  ::close(epoll_);
  ::close(wake_up_);
}

process_id posix_launcher::start(const process_spec& spec,
                                 exit_handler on_exit) {
  auto pid = spawn(spec);
  // Only this object reaps the child, so from here on the pid is this child's.
  auto pidfd = open_pidfd(pid);
  auto stat = read_proc_stat(pid);
  process_id result{pid, stat ? stat->start_time : 0};
  if (pidfd < 0 || !stat || !add(pidfd, {result, std::move(on_exit), true})) {
    auto text = error_text("cannot watch the process that was started");
    send(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    if (pidfd >= 0)
      ::close(pidfd);
    throw launch_error(text);
  }
  return result;
}

bool posix_launcher::watch(process_id process, exit_handler on_exit) {
  if (process.pid <= 0)
    return false;
  auto pidfd = open_pidfd(process.pid);
  if (pidfd < 0) {
    if (errno == ESRCH || errno == EINVAL)
      return false;
    throw launch_error(error_text("cannot watch a process"));
  }
  // In this order the descriptor is known to be of that very process.
  if (!alive(process)) {
    ::close(pidfd);
    return false;
  }
  if (!add(pidfd, {process, std::move(on_exit), false})) {
    auto text = error_text("cannot watch a process");
    ::close(pidfd);
    throw launch_error(text);
  }
  return true;
}

process_condition posix_launcher::look(process_id process) {
  auto x = read_proc_stat(process.pid);
  if (!x || x->start_time != process.start_time || x->state == 'Z'
      || x->state == 'X')
    return process_condition::gone;
  return x->state == 'T' ? process_condition::stopped : process_condition::runs;
}

bool posix_launcher::signal_group(process_id process, int signum) {
  std::lock_guard guard{mutex_};
  auto pos = find(process);
  if (pos == entries_.end() || pos->second.forgotten)
    return false;
  auto& x = pos->second;
  // The zombie of a child keeps the number.
  if (x.is_child || !has_ended(pos->first))
    return send(process.pid, signum);
  if (x.ended_at == 0)
    x.ended_at = ticks_since_boot();
  ++x.searches;
  tasks_.emplace_back([=, this] { search(process, signum); });
  wake_up();
  return true;
}

/// Signals the rest of a group whose leader another process has reaped. If the
/// group has a member that is older than the leader's end, the group was never
/// empty, so it is still the same one. (Within one tick no number is used
/// again.)
void posix_launcher::search(process_id process, int signum) {
  auto members = live_members(process.pid);
  std::lock_guard guard{mutex_};
  auto pos = find(process);
  if (pos == entries_.end())
    return;
  auto& x = pos->second;
  auto is_older
    = [&](const proc_stat& m) { return m.start_time <= x.ended_at; };
  if (std::any_of(members.begin(), members.end(), is_older))
    send(process.pid, signum);
  if (--x.searches == 0 && x.forgotten)
    drop(pos);
}

void posix_launcher::forget(process_id process) {
  std::lock_guard guard{mutex_};
  auto pos = find(process);
  if (pos == entries_.end())
    return;
  auto& x = pos->second;
  if (x.searches > 0 || (x.is_child && !has_ended(pos->first))) {
    x.forgotten = true;
    x.on_exit = nullptr;
  } else {
    drop(pos);
  }
}

void posix_launcher::run() {
  std::array<epoll_event, 64> events;
  for (;;) {
    auto n = ::epoll_wait(epoll_, events.data(),
                          static_cast<int>(events.size()), -1);
    for (int i = 0; i < n; ++i) {
      auto fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd != wake_up_) {
        handle_end(fd);
        continue;
      }
      std::uint64_t ignored = 0;
      [[maybe_unused]] auto size = ::read(wake_up_, &ignored, sizeof(ignored));
      do_tasks();
      std::lock_guard guard{mutex_};
      if (stopping_ && tasks_.empty())
        return;
    }
  }
}

void posix_launcher::do_tasks() {
  std::deque<std::function<void()>> tasks;
  {
    std::lock_guard guard{mutex_};
    tasks.swap(tasks_);
  }
  for (auto& task : tasks)
    task();
}

void posix_launcher::wake_up() {
  std::uint64_t one = 1;
  [[maybe_unused]] auto n = ::write(wake_up_, &one, sizeof(one));
}

void posix_launcher::handle_end(int pidfd) {
  exit_handler on_exit;
  process_exit how;
  {
    std::lock_guard guard{mutex_};
    auto pos = entries_.find(pidfd);
    // The descriptor of a forgotten process may be another's by now.
    if (pos == entries_.end() || !has_ended(pidfd))
      return;
    auto& x = pos->second;
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, pidfd, nullptr);
    x.ended_at = ticks_since_boot();
    how = look_at(pidfd, x.process, x.is_child);
    on_exit = std::exchange(x.on_exit, nullptr);
    if (x.forgotten && x.searches == 0)
      drop(pos);
  }
  if (!on_exit)
    return;
  try {
    on_exit(how);
  } catch (const std::exception& e) {
    spdlog::error("handling the end of process {}: {}", how.process.pid,
                  e.what());
  } catch (...) {
    spdlog::error("handling the end of process {}", how.process.pid);
  }
}

bool posix_launcher::add(int pidfd, entry x) {
  std::lock_guard guard{mutex_};
  entries_.insert_or_assign(pidfd, std::move(x));
  if (add_to_epoll(epoll_, pidfd))
    return true;
  entries_.erase(pidfd);
  return false;
}

void posix_launcher::drop(entry_map::iterator pos) {
  if (pos->second.is_child)
    reap(pos->first);
  ::close(pos->first);
  entries_.erase(pos);
}

posix_launcher::entry_map::iterator posix_launcher::find(process_id process) {
  return std::find_if(entries_.begin(), entries_.end(), [&](const auto& x) {
    return x.second.process == process;
  });
}

} // namespace hearth::launch
