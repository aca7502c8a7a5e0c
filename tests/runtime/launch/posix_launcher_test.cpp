#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <future>
#include <iterator>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include "runtime/launch/posix_launcher.hpp"
#include "runtime/launch/proc_stat.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;
using namespace hearth::launch;
using namespace std::chrono_literals;

namespace {

constexpr auto deadline = 20s;

/// An exit that was or will be reported.
class exit_event {
public:
  exit_handler handler() {
    return [state = state_](const process_exit& x) {
      if (state->calls++ == 0)
        state->promise.set_value(x);
    };
  }

  process_exit wait() {
    auto future = state_->promise.get_future();
    REQUIRE(future.wait_for(deadline) == std::future_status::ready);
    return future.get();
  }

  int calls() const {
    return state_->calls;
  }

private:
  struct shared {
    std::promise<process_exit> promise;
    std::atomic<int> calls = 0;
  };
  std::shared_ptr<shared> state_ = std::make_shared<shared>();
};

/// A named pipe through which a process tells the test something.
class mailbox {
public:
  explicit mailbox(std::string path) : path(std::move(path)) {
    REQUIRE(::mkfifo(this->path.c_str(), 0600) == 0);
    fd_ = ::open(this->path.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(fd_ >= 0);
  }

  ~mailbox() {
    ::close(fd_);
  }

  /// The numbers of one line.
  std::vector<std::int64_t> numbers() {
    std::string line;
    while (line.empty() || line.back() != '\n') {
      pollfd x{fd_, POLLIN, 0};
      REQUIRE(::poll(&x, 1, std::chrono::milliseconds(deadline).count()) == 1);
      char c = 0;
      REQUIRE(::read(fd_, &c, 1) == 1);
      line += c;
    }
    std::istringstream in{line};
    return {std::istream_iterator<std::int64_t>{in}, {}};
  }

  const std::string path;

private:
  int fd_;
};

process_id identify(std::int64_t pid) {
  auto stat = read_proc_stat(pid);
  REQUIRE(stat);
  return {pid, stat->start_time};
}

/// Holds on to a process, to see its end.
class held_process {
public:
  explicit held_process(std::int64_t pid) : fd_(open_pidfd(pid)) {
    REQUIRE(fd_ >= 0);
  }

  ~held_process() {
    ::close(fd_);
  }

  void wait_for_end() {
    pollfd x{fd_, POLLIN, 0};
    REQUIRE(::poll(&x, 1, std::chrono::milliseconds(deadline).count()) == 1);
  }

private:
  int fd_;
};

struct fixture {
  process_spec shell(const std::string& script) {
    return {{"sh", "-c", script}, {}, dir.path, dir / "log"};
  }

  process_exit run(const process_spec& spec) {
    exit_event end;
    auto process = launcher.start(spec, end.handler());
    auto result = end.wait();
    CHECK(result.process == process);
    launcher.forget(process);
    return result;
  }

  /// Starts a group that is no child of this process.
  /// @returns the pids of its leader and of another member
  std::vector<std::int64_t> start_stranger() {
    mailbox box{dir / "box"};
    run(shell("setsid sh -c 'sleep 1000 & echo $$ $! > box; wait' &"));
    auto result = box.numbers();
    REQUIRE(result.size() == 2);
    return result;
  }

  temp_dir dir;
  posix_launcher launcher;
};

std::size_t open_descriptors() {
  std::filesystem::directory_iterator i{"/proc/self/fd"};
  return static_cast<std::size_t>(std::distance(begin(i), end(i)));
}

} // namespace

TEST_CASE_FIXTURE(fixture, "an exit is reported with its code") {
  auto x = run(shell("exit 7"));
  CHECK(x.known);
  CHECK(x.code == 7);
  CHECK(x.signal == 0);
  CHECK(to_string(x) == "exited with code 7");
}

TEST_CASE_FIXTURE(fixture, "death by a signal is reported with its name") {
  auto x = run(shell("kill -9 $$"));
  CHECK(x.known);
  CHECK(x.signal == SIGKILL);
  CHECK(to_string(x) == "killed by signal 9 (SIGKILL)");
  CHECK(to_string({{}, false, 0, 0}) == "ended");
  CHECK(to_string({{}, true, 0, 60}) == "killed by signal 60");
}

TEST_CASE_FIXTURE(fixture, "output is appended to a log of the owner's") {
  run(shell("echo out; echo err >&2"));
  run(shell("cat; echo more"));
  CHECK(dir.read("log") == "out\nerr\nmore\n");
  struct stat info {};
  REQUIRE(::stat((dir / "log").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE_FIXTURE(fixture, "a process has its directory and environment") {
  ::setenv("SPARK_TEST_KEPT", "kept", 1);
  ::setenv("SPARK_TEST_SET", "old", 1);
  ::setenv("HEARTH_TEST_ASKED", "asked for", 1);
  ::setenv("HEARTH_TEST_SECRET", "secret", 1);
  auto spec = shell("pwd -P; echo $SPARK_TEST_KEPT $SPARK_TEST_SET "
                    "$HEARTH_TEST_ASKED $HEARTH_TEST_SECRET");
  spec.env["SPARK_TEST_SET"] = "new = newer";
  spec.inherit = {"HEARTH_TEST_ASKED"};
  run(spec);
  CHECK(dir.read("log")
        == std::filesystem::canonical(dir.path).string()
             + "\nkept new = newer asked for\n");
}

TEST_CASE_FIXTURE(fixture, "a process inherits no descriptor and no signals") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  auto handler = ::signal(SIGPIPE, SIG_IGN);
  auto end = run(shell("test ! -e /proc/$$/fd/" + std::to_string(ends[0])
                       + " && test ! -e /proc/$$/fd/" + std::to_string(ends[1])
                       + " && grep -cE "
                         "'SigBlk:.0*$|SigIgn:.0000000[01][08]0000000$' "
                         "/proc/self/status"));
  ::signal(SIGPIPE, handler);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::close(ends[0]);
  ::close(ends[1]);
  CHECK(end.code == 0);
  CHECK(dir.read("log") == "2\n");
}

TEST_CASE_FIXTURE(fixture, "a process leads its own session and group") {
  exit_event end;
  auto process = launcher.start(shell("exec sleep 1000"), end.handler());
  auto pid = static_cast<pid_t>(process.pid);
  CHECK(process == identify(pid));
  CHECK(::getsid(pid) == pid);
  CHECK(::getpgid(pid) == pid);
  CHECK(alive(process));
  CHECK_FALSE(alive({process.pid, process.start_time + 1}));
  CHECK(launcher.signal_group(process, SIGTERM));
  CHECK(end.wait().signal == SIGTERM);
  launcher.forget(process);
}

TEST_CASE_FIXTURE(fixture,
                  "what cannot be started is an error with its cause") {
  auto fails = [&](const process_spec& spec, const std::string& message) {
    CHECK_THROWS_WITH_AS(launcher.start(spec, [](auto&) { FAIL("called"); }),
                         message.c_str(), launch_error);
  };
  auto spec = shell("true");
  spec.argv = {};
  fails(spec, "no program to start");
  spec.argv = {"/no/such/program"};
  fails(spec, "cannot start /no/such/program: No such file or directory");
  dir.write("plain", "text");
  spec.argv = {dir / "plain"};
  fails(spec, "cannot start " + dir / "plain" + ": Permission denied");
  spec.argv = {"sh", std::string("a\0b", 3)};
  fails(spec, "an argument of sh contains a NUL character");
  spec = shell("true");
  spec.working_dir = dir / "none";
  fails(spec,
        "working directory " + dir / "none" + ": No such file or directory");
  spec.working_dir = dir / "plain";
  fails(spec, "working directory " + dir / "plain" + ": Not a directory");
  spec = shell("true");
  spec.log_file = dir / "none/log";
  fails(spec, "log file " + dir / "none/log" + ": No such file or directory");
  spec = shell("true");
  spec.env["A=B"] = "";
  fails(spec, "'A=B' cannot name an environment variable");
}

TEST_CASE_FIXTURE(fixture, "a signal reaches the whole group") {
  mailbox box{dir / "box"};
  exit_event end;
  auto process
    = launcher.start(shell("sleep 1000 & echo $! > box; wait"), end.handler());
  held_process other{box.numbers().at(0)};
  CHECK(launcher.signal_group(process, SIGKILL));
  CHECK(end.wait().signal == SIGKILL);
  other.wait_for_end();
  launcher.forget(process);
  CHECK_FALSE(launcher.signal_group(process, SIGKILL));
}

TEST_CASE_FIXTURE(fixture, "what a leader left behind can be signalled") {
  mailbox box{dir / "box"};
  exit_event end;
  auto process
    = launcher.start(shell("sleep 1000 & echo $! > box"), end.handler());
  held_process left{box.numbers().at(0)};
  CHECK(end.wait().code == 0);
  CHECK_FALSE(alive(process));
  CHECK(launcher.signal_group(process, 0));
  CHECK(launcher.signal_group(process, SIGKILL));
  left.wait_for_end();
  launcher.forget(process);
  CHECK_FALSE(launcher.signal_group(process, 0));
}

TEST_CASE_FIXTURE(fixture,
                  "the number of an ended child is kept until forget") {
  exit_event end;
  auto process = launcher.start(shell("exit 0"), end.handler());
  end.wait();
  CHECK(read_proc_stat(process.pid)->state == 'Z');
  CHECK(identify(process.pid) == process);
  launcher.forget(process);
  CHECK_FALSE(read_proc_stat(process.pid));
  CHECK_FALSE(launcher.signal_group(process, 0));
  launcher.forget(process);
}

TEST_CASE_FIXTURE(fixture, "a forgotten process lives on and is reaped") {
  exit_event end;
  auto process = launcher.start(shell("exec sleep 1000"), end.handler());
  held_process held{process.pid};
  launcher.forget(process);
  CHECK_FALSE(launcher.signal_group(process, SIGKILL));
  CHECK(alive(process));
  ::kill(static_cast<pid_t>(process.pid), SIGKILL);
  held.wait_for_end();
  run(shell("exit 0")); // its end is handled after the other's
  CHECK_FALSE(read_proc_stat(process.pid));
  CHECK(end.calls() == 0);
}

TEST_CASE_FIXTURE(fixture, "a process of an earlier server can be watched") {
  auto pids = start_stranger();
  auto process = identify(pids[0]);
  exit_event end;
  CHECK_FALSE(
    launcher.watch({process.pid, process.start_time + 1}, end.handler()));
  CHECK_FALSE(launcher.watch({0, 0}, end.handler()));
  REQUIRE(launcher.watch(process, end.handler()));
  held_process other{pids[1]};
  CHECK(launcher.signal_group(process, SIGKILL));
  auto x = end.wait();
  CHECK(x.process == process);
  CHECK_FALSE(x.known);
  other.wait_for_end();
  launcher.forget(process);
  CHECK_FALSE(launcher.signal_group(process, SIGKILL));
  CHECK_FALSE(launcher.watch(process, end.handler()));
  CHECK(end.calls() == 1);
}

TEST_CASE_FIXTURE(fixture, "what a watched leader left can be signalled") {
  auto pids = start_stranger();
  auto process = identify(pids[0]);
  exit_event end;
  REQUIRE(launcher.watch(process, end.handler()));
  held_process left{pids[1]};
  ::kill(static_cast<pid_t>(process.pid), SIGKILL);
  end.wait();
  CHECK(launcher.signal_group(process, SIGKILL));
  left.wait_for_end();
  launcher.forget(process);
  CHECK_FALSE(launcher.signal_group(process, SIGKILL));
}

TEST_CASE_FIXTURE(fixture, "who signals a group and forgets it does not wait") {
  auto pids = start_stranger();
  auto process = identify(pids[0]);
  held_process left{pids[1]};
  std::promise<void> go_on;
  std::promise<void> reported;
  // The launcher's thread may still wait when this test has ended, so it needs
  // a future of its own.
  auto may_go_on = go_on.get_future().share();
  REQUIRE(launcher.watch(process, [&reported, may_go_on](const process_exit&) {
    reported.set_value();
    may_go_on.wait(); // the launcher's thread is busy
  }));
  ::kill(static_cast<pid_t>(process.pid), SIGKILL);
  reported.get_future().wait();
  CHECK(launcher.signal_group(process, SIGKILL));
  launcher.forget(process);
  CHECK_FALSE(launcher.signal_group(process, SIGKILL));
  CHECK(read_proc_stat(pids[1])->state != 'Z');
  go_on.set_value();
  left.wait_for_end();
}

TEST_CASE("a launcher that ends signals first whom it was asked to") {
  std::optional<held_process> left;
  {
    fixture f;
    auto pids = f.start_stranger();
    auto process = identify(pids[0]);
    exit_event end;
    REQUIRE(f.launcher.watch(process, end.handler()));
    left.emplace(pids[1]);
    ::kill(static_cast<pid_t>(process.pid), SIGKILL);
    end.wait();
    CHECK(f.launcher.signal_group(process, SIGKILL));
    f.launcher.forget(process);
  }
  left->wait_for_end();
}

TEST_CASE_FIXTURE(fixture, "a handler that throws harms nobody else") {
  std::promise<process_id> thrown;
  launcher.start(shell("exit 0"), [&](const process_exit& x) {
    thrown.set_value(x.process);
    throw std::runtime_error("for the log");
  });
  auto first = thrown.get_future();
  REQUIRE(first.wait_for(deadline) == std::future_status::ready);
  launcher.forget(first.get());
  CHECK(run(shell("exit 3")).code == 3);
}

TEST_CASE("the launcher leaves processes alone and no descriptor open") {
  temp_dir dir;
  auto before = open_descriptors();
  process_id living;
  process_id ended;
  {
    posix_launcher launcher;
    living = launcher.start({{"sleep", "1000"}, {}, dir.path, dir / "log"}, {});
    exit_event end;
    ended
      = launcher.start({{"true"}, {}, dir.path, dir / "log"}, end.handler());
    end.wait();
  }
  CHECK(alive(living));
  CHECK_FALSE(read_proc_stat(ended.pid));
  CHECK(open_descriptors() == before);
  ::kill(static_cast<pid_t>(living.pid), SIGKILL);
  ::waitpid(static_cast<pid_t>(living.pid), nullptr, 0);
}

TEST_CASE("of many processes each end is reported once") {
  temp_dir dir;
  constexpr int count = 100;
  std::atomic<int> sum = 0;
  std::atomic<int> calls = 0;
  std::promise<void> all;
  {
    posix_launcher launcher;
    for (int i = 0; i < count; ++i)
      launcher.start(
        {{"sh", "-c", "exit " + std::to_string(i)}, {}, dir.path, dir / "log"},
        [&](const process_exit& x) {
          sum += x.code;
          if (++calls == count)
            all.set_value();
        });
    REQUIRE(all.get_future().wait_for(deadline) == std::future_status::ready);
  }
  CHECK(calls == count);
  CHECK(sum == count * (count - 1) / 2);
}
