#include "runtime/native/agent/zygote.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "runtime/native/agent/crash.hpp"

namespace hearth::native {

namespace {

enum class verb : std::uint32_t { start, signal };

/// A packet of the control socket; `start` brings two descriptors.
struct request {
  verb what = verb::start;
  std::int32_t signal = 0;
  std::uint64_t child = 0;
};

constexpr std::size_t fd_count = 2;

union fd_message {
  cmsghdr head;
  char bytes[CMSG_SPACE(fd_count * sizeof(int))];
};

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool send_request(int socket, const request& x, const int* fds) {
  iovec part{const_cast<request*>(&x), sizeof x};
  fd_message extra{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (fds) {
    message.msg_control = &extra;
    message.msg_controllen = sizeof extra;
    extra.head.cmsg_level = SOL_SOCKET;
    extra.head.cmsg_type = SCM_RIGHTS;
    extra.head.cmsg_len = CMSG_LEN(fd_count * sizeof(int));
    std::memcpy(CMSG_DATA(&extra.head), fds, fd_count * sizeof(int));
  }
  ssize_t n = 0;
  do
    n = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n == static_cast<ssize_t>(sizeof x);
}

/// @returns false at the end of the connection
bool receive_request(int socket, request& x,
                     std::array<owned_fd, fd_count>& fds) {
  iovec part{&x, sizeof x};
  fd_message extra{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = &extra;
  message.msg_controllen = sizeof extra;
  if (::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)
      != static_cast<ssize_t>(sizeof x))
    return false;
  if (message.msg_controllen > 0 && extra.head.cmsg_type == SCM_RIGHTS) {
    std::array<int, fd_count> received{-1, -1};
    std::memcpy(received.data(), CMSG_DATA(&extra.head), sizeof received);
    for (std::size_t i = 0; i < fd_count; ++i)
      fds[i] = owned_fd{received[i]};
  }
  return true;
}

/// The work of the zygote's process.
class nursery {
public:
  nursery(owned_fd control, const zygote::child_main& child)
    : control_(std::move(control)), child_main_(child) {
    // nop
  }

  void run() {
    // The zygote leaves the agent's process group, so that it survives a kill
    // of that group and can end the jobs.
    ::setpgid(0, 0);
    ::sigemptyset(&mask_);
    ::sigaddset(&mask_, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &mask_, nullptr);
    signals_ = owned_fd{::signalfd(-1, &mask_, SFD_CLOEXEC | SFD_NONBLOCK)};
    std::array<pollfd, 2> fds{
      {{control_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
    for (;;) {
      if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR)
        break;
      if (fds[1].revents != 0)
        reap();
      if (fds[0].revents != 0 && !serve())
        break;
    }
    for (auto& [number, x] : children_)
      ::kill(-x.pid, SIGKILL);
  }

private:
  struct child {
    pid_t pid;
    owned_fd report;
  };

  bool serve() {
    request x;
    std::array<owned_fd, fd_count> fds;
    if (!receive_request(control_.get(), x, fds))
      return false;
    if (x.what == verb::start) {
      start(x.child, std::move(fds[0]), std::move(fds[1]));
    } else if (auto i = children_.find(x.child); i != children_.end()) {
      ::kill(-i->second.pid, x.signal);
    }
    return true;
  }

  void start(std::uint64_t number, owned_fd frames, owned_fd report) {
    auto parent = ::getpid();
    auto pid = ::fork();
    if (pid == 0) {
      become_child(parent);
      copy_crashes_to(report.release());
      child_main_(std::move(frames));
      ::_exit(0);
    }
    if (pid < 0) {
      end_report failed{0, 0, errno};
      ::send(report.get(), &failed, sizeof failed, MSG_NOSIGNAL);
      return;
    }
    ::setpgid(pid, pid); // by both: neither is to wait for the other
    children_.emplace(number, child{pid, std::move(report)});
  }

  void become_child(pid_t parent) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent)
      ::_exit(1);
    ::sigprocmask(SIG_UNBLOCK, &mask_, nullptr);
    control_ = owned_fd{};
    signals_ = owned_fd{};
    children_.clear(); // their reports
  }

  void reap() {
    signalfd_siginfo ignored;
    while (::read(signals_.get(), &ignored, sizeof ignored) > 0) {
    }
    int status = 0;
    for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      for (auto i = children_.begin(); i != children_.end(); ++i) {
        if (i->second.pid != pid)
          continue;
        ::kill(-pid, SIGKILL); // what it has started itself
        end_report x{0, 1, status};
        ::send(i->second.report.get(), &x, sizeof x, MSG_NOSIGNAL);
        children_.erase(i);
        break;
      }
    }
  }

  owned_fd control_;
  owned_fd signals_;
  sigset_t mask_{};
  const zygote::child_main& child_main_;
  std::map<std::uint64_t, child> children_;
};

} // namespace

owned_fd& owned_fd::operator=(owned_fd&& x) noexcept {
  if (this != &x) {
    if (fd_ >= 0)
      ::close(fd_);
    fd_ = x.release();
  }
  return *this;
}

owned_fd::~owned_fd() {
  if (fd_ >= 0)
    ::close(fd_);
}

int owned_fd::release() noexcept {
  return std::exchange(fd_, -1);
}

zygote::zygote(const child_main& child) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) < 0)
    fail("socketpair");
  control_ = owned_fd{ends[0]};
  owned_fd other{ends[1]};
  auto pid = ::fork();
  if (pid < 0)
    fail("fork");
  if (pid == 0) {
    control_ = owned_fd{};
    nursery{std::move(other), child}.run();
    ::_exit(0);
  }
}

zygote::number zygote::start(owned_fd frames, owned_fd report) {
  static std::atomic<number> last{0};
  request x{verb::start, 0, ++last};
  std::array<int, fd_count> fds{frames.get(), report.get()};
  if (!send_request(control_.get(), x, fds.data()))
    fail("the zygote is gone");
  return x.child;
}

void zygote::signal(number child, int what) {
  send_request(control_.get(), {verb::signal, what, child}, nullptr);
}

} // namespace hearth::native
