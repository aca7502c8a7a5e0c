#include "runtime/native/agent/child.hpp"

#include <array>
#include <cerrno>
#include <limits>
#include <mutex>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "runtime/native/agent/log.hpp"
#include "runtime/native/agent/perform.hpp"
#include "runtime/native/agent/settings.hpp"
#include "runtime/native/agent/socket.hpp"

namespace hearth::native {

namespace {

/// Sends frames to the agent at the other end, which passes them on to the
/// server.
class agent_sink final : public frame_sink {
public:
  explicit agent_sink(int fd) : fd_(fd) {
    // nop
  }

  bool send(connection_id, const protocol::frame& x, std::string_view payload,
            bool) override {
    std::string bytes;
    protocol::encode_head(x.kind, x.header, payload.size(), bytes);
    std::lock_guard guard{mutex_};
    return write_all(fd_, bytes, payload);
  }

private:
  const int fd_;
  std::mutex mutex_;
};

/// Waits for the next frame. If the agent is gone, the process ends.
protocol::frame next_frame(int fd, protocol::frame_reader& reader) {
  for (;;) {
    if (auto x = reader.next())
      return std::move(*x);
    if (!read_some(fd, reader))
      ::_exit(1);
  }
}

void run_one(const protocol::start_file& start, const std::string& folder,
             int fd) {
  protocol::frame_reader reader;
  auto first = next_frame(fd, reader);
  auto job = protocol::parse_run_job(first);
  // The job writes to the agent and not to the server, so the socket bounds it
  // instead of credit.
  job.credit = std::numeric_limits<std::int64_t>::max();
  agent_sink sink{fd};
  object_table objects;
  compute_pool pool{cores(start)};
  libraries known{folder};
  hearth_run run{{start, sink, objects, pool, true},
                 std::move(job),
                 std::move(first.payload),
                 1};
  run.say_started();
  // The only frame that follows the job says that the job has to stop.
  std::thread{[&] {
    while (next_frame(fd, reader).kind != protocol::kind::kill_job) {
    }
    run.stop(true);
    next_frame(fd, reader);
  }}.detach();
  perform(run, known);
  run.ended();
  run.deliver();
  // Nothing is taken down: the process is, with all that it holds.
  ::_exit(0);
}

} // namespace

void run_child(const protocol::start_file& start, const std::string& folder,
               owned_fd frames) noexcept {
  try {
    run_one(start, folder, frames.get());
  } catch (const std::exception& e) {
    log_line("ERROR", {}, std::string{"a job's process: "} + e.what());
    ::_exit(1);
  }
}

} // namespace hearth::native
