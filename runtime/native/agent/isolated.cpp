#include "runtime/native/agent/isolated.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "runtime/native/agent/log.hpp"
#include "runtime/native/agent/perform.hpp"
#include "runtime/native/agent/socket.hpp"
#include "runtime/native/agent/text.hpp"

namespace hearth::native {

namespace {

using namespace std::chrono_literals;

/// The time between the request to stop, SIGTERM and SIGKILL.
constexpr auto step_time = 1s;

std::array<owned_fd, 2> socket_pair(int type) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) < 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  return {owned_fd{ends[0]}, owned_fd{ends[1]}};
}

std::string how_it_ended(const end_report& x) {
  if (x.forked == 0)
    return std::string{"no process could be made for it: "}
           + std::strerror(x.code);
  if (WIFSIGNALED(x.code)) {
    auto number = WTERMSIG(x.code);
    const char* name = ::sigabbrev_np(number);
    return "its process was ended by signal " + std::to_string(number)
           + (name ? std::string{" (SIG"} + name + ")" : "");
  }
  return "its process ended with code " + std::to_string(WEXITSTATUS(x.code))
         + " before the job was done";
}

class isolated_job {
public:
  isolated_job(hearth_run& run, zygote& children)
    : run_(run), children_(children), stop_(::eventfd(0, EFD_CLOEXEC)) {
    auto frames = socket_pair(SOCK_STREAM);
    auto report = socket_pair(SOCK_SEQPACKET);
    number_ = children.start(std::move(frames[1]), std::move(report[1]));
    frames_ = std::move(frames[0]);
    report_ = std::move(report[0]);
    run.watch_stop(stop_.get());
  }

  ~isolated_job() {
    run_.watch_stop(-1);
  }

  isolated_job(const isolated_job&) = delete;
  isolated_job& operator=(const isolated_job&) = delete;

  void serve() {
    say(protocol::to_frame(run_.job, run_.config));
    while (!end_)
      step();
    // The child's last output can still be read.
    while (listening_)
      hear();
    if (!said_)
      run_.failed(crash());
  }

private:
  void say(const protocol::frame& x) {
    std::string bytes;
    protocol::encode(x, bytes);
    write_all(frames_.get(), bytes); // one that is gone says so by its end
  }

  void step() {
    std::array<pollfd, 3> fds{{{report_.get(), POLLIN, 0},
                               {listening_ ? frames_.get() : -1, POLLIN, 0},
                               {told_ == 0 ? stop_.get() : -1, POLLIN, 0}}};
    auto time = -1;
    if (told_ > 0 && told_ < 3)
      time = static_cast<int>(std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::milliseconds>(
             next_ - steady_clock::now())
             .count()));
    if (::poll(fds.data(), fds.size(), time) < 0)
      return; // interrupted
    if (fds[2].revents != 0
        || (told_ > 0 && told_ < 3 && steady_clock::now() >= next_))
      press();
    if (fds[1].revents != 0)
      hear();
    else if (fds[0].revents != 0)
      hear_report();
  }

  /// The next step of the way out.
  void press() {
    next_ = steady_clock::now() + step_time;
    switch (told_++) {
      case 0:
        return say(protocol::kill_job_frame(run_.job.job));
      case 1:
        return children_.signal(number_, SIGTERM);
      default:
        return children_.signal(number_, SIGKILL);
    }
  }

  void hear() {
    try {
      if (!read_some(frames_.get(), reader_)) {
        listening_ = false;
        return;
      }
      while (auto x = reader_.next())
        take(*x);
    } catch (const protocol::protocol_error& e) {
      listening_ = false;
      said_ = true;
      run_.failed(failure_of(std::string{"its process wrote nonsense where the "
                                         "agent listens: "}
                               + e.what(),
                             "hearth::crashed"));
      children_.signal(number_, SIGKILL);
    }
  }

  void take(protocol::frame& x) {
    using protocol::kind;
    switch (x.kind) {
      case kind::job_started:
        return run_.started();
      case kind::job_progress: {
        auto progress = protocol::parse_job_progress(x);
        return run_.progress(progress.done, progress.total, progress.text);
      }
      case kind::result_part:
        return write_result(x.payload);
      case kind::job_refused: {
        auto no = protocol::parse_job_refused(x);
        said_ = true;
        return run_.refused(no.reason, std::move(no.why));
      }
      case kind::job_ended: {
        auto how = protocol::parse_job_ended(x);
        said_ = true;
        if (how.outcome == protocol::outcome::finished)
          return write_result(x.payload);
        return run_.failed(std::move(how.why));
      }
      default:
        throw protocol::protocol_error("a frame that jobs do not send");
    }
  }

  void write_result(std::string_view bytes) {
    while (!bytes.empty()) {
      std::size_t room = 0;
      auto* to = run_.reserve(1, room);
      if (!to) { // killed, or over the limit: nobody wants the rest
        children_.signal(number_, SIGKILL);
        return;
      }
      auto n = std::min(room, bytes.size());
      std::memcpy(to, bytes.data(), n);
      run_.commit(n);
      bytes.remove_prefix(n);
    }
  }

  void hear_report() {
    std::array<char, 4096> bytes;
    auto n = ::recv(report_.get(), bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EINTR)
      return;
    if (n <= 0) {
      log_line("ERROR", run_.job.job,
               "the process that jobs are forked from is gone");
      std::_Exit(1);
    }
    if (bytes[0] == 0 && n == sizeof(end_report)) {
      end_.emplace();
      std::memcpy(&*end_, bytes.data(), sizeof(end_report));
    } else if (trace_.size() < max_text) {
      trace_.append(bytes.data(), static_cast<std::size_t>(n));
    }
  }

  protocol::failure crash() const {
    auto result = failure_of("job " + run_.job.job + ": " + how_it_ended(*end_),
                             "hearth::crashed");
    if (!trace_.empty())
      result.stack = clean(result.stack + "\n" + trace_);
    return result;
  }

  hearth_run& run_;
  zygote& children_;
  owned_fd stop_;
  owned_fd frames_;
  owned_fd report_;
  zygote::number number_ = 0;
  protocol::frame_reader reader_;
  bool listening_ = true;
  bool said_ = false; ///< how it ended
  int told_ = 0;      ///< steps of the way out
  steady_clock::time_point next_;
  std::string trace_;
  std::optional<end_report> end_;
};

} // namespace

void perform_isolated(hearth_run& run, zygote& children) {
  try {
    isolated_job{run, children}.serve();
  } catch (const std::system_error& e) {
    run.failed(failure_of(std::string{"no process for it: "} + e.what(),
                          "hearth::crashed"));
  }
}

} // namespace hearth::native
