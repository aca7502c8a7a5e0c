/// One execution of a job.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "runtime/native/agent/objects.hpp"
#include "runtime/native/agent/result.hpp"
#include "runtime/native/agent/sink.hpp"
#include "runtime/native/agent/threads.hpp"
#include "runtime/native/include/hearth/abi.h"
#include "runtime/protocol/messages.hpp"
#include "runtime/protocol/start_file.hpp"

namespace hearth::native {

/// What the runs of a context share.
struct surroundings {
  const protocol::start_file& start;
  frame_sink& link;
  object_table& objects;
  compute_pool& pool;
  bool isolated = false; ///< the job is alone in this process
};

/// The functions that job libraries call; a run is what they are given.
extern const hearth_host host;

} // namespace hearth::native

/// A job from the time that it is asked for until the server has stored how it
/// ended. The thread that runs it writes its result and says how it went; the
/// link's thread tells it what the server wants. Thread-safe but for the
/// result, which is the job's thread's.
struct hearth_run {
public:
  using connection_id = hearth::native::connection_id;

  /// @param connection that it was asked for on
  hearth_run(hearth::native::surroundings around, hearth::protocol::run_job job,
             std::string config, connection_id connection);

  // -- for the job ------------------------------------------------------------

  /// Validation has passed. The server hears of it in a while, unless the job
  /// has ended by then.
  void started();

  void refused(hearth::protocol::refusal reason, hearth::protocol::failure why);
  void failed(hearth::protocol::failure why);

  char* reserve(std::size_t least, std::size_t& room);
  void commit(std::size_t size);

  /// @returns whether it is to stop
  bool wait_stop(std::chrono::milliseconds time);

  void progress(std::int64_t done, std::int64_t total, std::string_view text);

  // -- for the agent ----------------------------------------------------------

  /// The job's code is done; works out how it ended.
  void ended();

  /// Tells the server what it does not know yet: parts of the result against
  /// credit, and the end. Waits for credit.
  /// @param soon something else is said right after it: the end may wait for it
  void deliver(bool soon = false);

  /// It runs for a while by now: its start is worth a message.
  void say_started();

  /// @param killed the server wants to hear of its end
  void stop(bool killed);

  /// There is a new connection, or (0) none: what was said has to be said
  /// again.
  void connected(connection_id connection);

  void add_credit(std::uint64_t bytes);

  /// Writes to that eventfd once the job has to stop; -1: to none.
  void watch_stop(int fd);

  bool over();

  const hearth::native::surroundings around;
  const hearth::protocol::run_job job;
  const std::string config;
  std::string scope; ///< digest of the library that has the job
  std::atomic<std::uint32_t> stop_flag{0};

private:
  using lock = std::unique_lock<std::mutex>;

  hearth::protocol::frame how_it_ended() const;
  void send_started();
  bool send_part(lock& guard);

  std::mutex mutex_;
  std::condition_variable changed_;
  hearth::native::result_chunks result_;
  bool too_large_ = false;
  bool started_ = false;
  bool late_ = false; ///< no more waiting with the start
  bool killed_ = false;
  std::optional<hearth::protocol::job_refused> refusal_;
  std::optional<hearth::protocol::failure> failure_;
  std::optional<hearth::protocol::frame> end_;
  hearth::native::steady_clock::time_point progress_sent_;

  // What the server was told, over the connection that there is.
  connection_id connection_;
  connection_id started_on_ = 0;
  connection_id ended_on_ = 0;
  std::size_t parts_ = 0;
  int stop_fd_ = -1;
  std::uint64_t credit_;
  bool delivering_ = false;
};
