#include "runtime/launch/posix_launcher.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include "runtime/launch/process_info.hpp"

extern char** environ; // NOLINT(readability-redundant-declaration)

namespace hearth::launch {

namespace {

std::string text_of(int code) {
  return std::generic_category().message(code);
}

/// A descriptor that is closed when it goes.
class descriptor {
public:
  explicit descriptor(int fd = -1) : fd_(fd) {
    // nop
  }

  descriptor(descriptor&& x) noexcept : fd_(std::exchange(x.fd_, -1)) {
    // nop
  }

  descriptor& operator=(descriptor&& x) noexcept {
    std::swap(fd_, x.fd_);
    return *this;
  }

  ~descriptor() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const noexcept {
    return fd_;
  }

private:
  int fd_;
};

descriptor open_pidfd(pid_t pid) {
  return descriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
}

/// What posix_spawn is told about descriptors and the folder.
class file_actions {
public:
  file_actions(const process_spec& spec, int log) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null",
                                       O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, log, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, log, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    if (!spec.working_dir.empty())
      ::posix_spawn_file_actions_addchdir_np(&actions_,
                                             spec.working_dir.c_str());
  }

  ~file_actions() {
    ::posix_spawn_file_actions_destroy(&actions_);
  }

  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;

  const posix_spawn_file_actions_t* get() const noexcept {
    return &actions_;
  }

private:
  posix_spawn_file_actions_t actions_{};
};

/// Its own session, no signal blocked, none ignored: the server ignores
/// SIGPIPE, which its children are not to inherit.
class attributes {
public:
  attributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID
                                               | POSIX_SPAWN_SETSIGMASK
                                               | POSIX_SPAWN_SETSIGDEF);
  }

  ~attributes() {
    ::posix_spawnattr_destroy(&attributes_);
  }

  attributes(const attributes&) = delete;
  attributes& operator=(const attributes&) = delete;

  const posix_spawnattr_t* get() const noexcept {
    return &attributes_;
  }

private:
  posix_spawnattr_t attributes_{};
};

/// NULL-terminated pointers into strings that must outlive them.
std::vector<char*> pointers(const std::vector<std::string>& xs) {
  std::vector<char*> result;
  result.reserve(xs.size() + 1);
  for (auto& x : xs)
    result.push_back(const_cast<char*>(x.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string>
merged_environment(const std::map<std::string, std::string>& extra) {
  std::vector<std::string> result;
  for (auto** at = environ; *at != nullptr; ++at) {
    std::string entry{*at};
    if (extra.count(entry.substr(0, entry.find('='))) == 0)
      result.push_back(std::move(entry));
  }
  for (auto& [key, value] : extra)
    result.push_back(key + "=" + value);
  return result;
}

pid_t spawn(const process_spec& spec) {
  if (spec.argv.empty())
    throw launch_error("there is no command to start");
  struct stat dir {};
  if (!spec.working_dir.empty()
      && (::stat(spec.working_dir.c_str(), &dir) != 0 || !S_ISDIR(dir.st_mode)))
    throw launch_error("the working folder " + spec.working_dir
                       + " does not exist");
  auto log_file = spec.log_file.empty() ? "/dev/null" : spec.log_file;
  descriptor log{
    ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  if (log.get() < 0)
    throw launch_error("cannot write " + log_file + ": " + text_of(errno));
  auto environment = merged_environment(spec.env);
  pid_t pid = 0;
  auto code
    = ::posix_spawnp(&pid, spec.argv[0].c_str(),
                     file_actions{spec, log.get()}.get(), attributes{}.get(),
                     pointers(spec.argv).data(), pointers(environment).data());
  if (code != 0)
    throw launch_error("cannot start " + spec.argv[0] + ": " + text_of(code));
  return pid;
}

class posix_launcher : public launcher {
public:
  posix_launcher()
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (epoll_.get() < 0 || wake_.get() < 0)
      throw launch_error("cannot watch processes: " + text_of(errno));
    add(wake_.get(), 0);
    thread_ = std::thread{[this] { loop(); }};
  }

  ~posix_launcher() override {
    std::uint64_t one = 1;
    if (::write(wake_.get(), &one, sizeof one) == sizeof one)
      thread_.join();
  }

  process_id start(const process_spec& spec, exit_handler on_exit) override {
    auto pid = spawn(spec);
    // A zombie keeps its number, so neither can meet another process.
    process_id id{pid, start_time_of(pid)};
    insert(id, open_pidfd(pid), true, std::move(on_exit));
    return id;
  }

  bool watch(process_id process, exit_handler on_exit) override {
    // The pidfd first: what it stands for cannot change after the comparison.
    auto fd = open_pidfd(static_cast<pid_t>(process.pid));
    if (fd.get() < 0 || !alive(process))
      return false;
    insert(process, std::move(fd), false, std::move(on_exit));
    return true;
  }

  bool signal_group(process_id process, int signum) override {
    std::lock_guard guard{mutex_};
    auto i = watched_.find(process.pid);
    if (i == watched_.end() || !(i->second.id == process))
      return false;
    // Without its leader, the number of a group that is not our child's may be
    // somebody else's by now.
    if (!i->second.child && !alive(process))
      return false;
    return ::kill(static_cast<pid_t>(-process.pid), signum) == 0;
  }

  void forget(process_id process) override {
    std::lock_guard guard{mutex_};
    auto i = watched_.find(process.pid);
    if (i == watched_.end() || !(i->second.id == process))
      return;
    if (i->second.child)
      ::waitpid(static_cast<pid_t>(process.pid), nullptr, WNOHANG);
    watched_.erase(i);
  }

private:
  struct entry {
    process_id id;
    descriptor fd;
    bool child;
    exit_handler on_exit;
  };

  void add(int fd, std::int64_t pid) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = static_cast<std::uint64_t>(pid);
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  }

  void insert(process_id id, descriptor fd, bool child, exit_handler on_exit) {
    std::lock_guard guard{mutex_};
    auto number = fd.get();
    watched_[id.pid] = {id, std::move(fd), child, std::move(on_exit)};
    add(number, id.pid);
  }

  void loop() {
    for (;;) {
      std::array<epoll_event, 16> events{};
      auto n = ::epoll_wait(epoll_.get(), events.data(),
                            static_cast<int>(events.size()), -1);
      for (int i = 0; i < n; ++i) {
        if (events[i].data.u64 == 0)
          return;
        ended(static_cast<std::int64_t>(events[i].data.u64));
      }
    }
  }

  void ended(std::int64_t pid) {
    process_exit how;
    exit_handler on_exit;
    {
      std::lock_guard guard{mutex_};
      auto i = watched_.find(pid);
      if (i == watched_.end())
        return;
      ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, i->second.fd.get(), nullptr);
      how = exit_of(i->second);
      on_exit = std::move(i->second.on_exit);
    }
    if (on_exit)
      on_exit(how);
  }

  static process_exit exit_of(const entry& x) {
    process_exit result;
    result.process = x.id;
    siginfo_t info{};
    if (!x.child
        || ::waitid(P_PID, static_cast<id_t>(x.id.pid), &info,
                    WEXITED | WNOHANG | WNOWAIT)
             != 0
        || info.si_pid == 0) {
      result.known = false;
    } else if (info.si_code == CLD_EXITED) {
      result.code = info.si_status;
    } else {
      result.signal = info.si_status;
    }
    return result;
  }

  descriptor epoll_;
  descriptor wake_;
  std::mutex mutex_;
  std::map<std::int64_t, entry> watched_;
  std::thread thread_;
};

} // namespace

std::unique_ptr<launcher> make_posix_launcher() {
  return std::make_unique<posix_launcher>();
}

} // namespace hearth::launch
