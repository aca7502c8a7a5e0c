/// One execution of a job, and everything that the server is told about it.
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

/// The objects that all runs of a context share.
struct surroundings {
  const protocol::start_file& start;
  frame_sink& link;
  object_table& objects;
  compute_pool& pool;
  bool isolated = false; ///< the job is alone in this process
};

/// The functions that job libraries call, each with a run as its argument.
extern const hearth_host host;

} // namespace hearth::native

/// A job from the request for it until the server has stored its end. The
/// thread that runs the job writes its result and reports how it ended; the
/// link's thread passes on what the server wants. Thread-safe, except for the
/// result, which belongs to the job's thread.
struct hearth_run {
public:
  using connection_id = hearth::native::connection_id;

  /// @param connection over which the request arrived
  hearth_run(hearth::native::surroundings around, hearth::protocol::run_job job,
             std::string config, connection_id connection);

  // -- for the job ------------------------------------------------------------

  /// Notes that validation has passed. The server learns of it after a while,
  /// unless the job has ended by then.
  void started();

  void refused(hearth::protocol::refusal reason, hearth::protocol::failure why);
  void failed(hearth::protocol::failure why);

  char* reserve(std::size_t least, std::size_t& room);
  void commit(std::size_t size);

  /// Waits until the job has to stop, for at most that time.
  /// @returns whether it has to stop
  bool wait_stop(std::chrono::milliseconds time);

  void progress(std::int64_t done, std::int64_t total, std::string_view text);

  // -- for the agent ----------------------------------------------------------

  /// Call it when the job's code has returned. Decides how the job ended.
  void ended();

  /// Sends the server everything that it does not know yet: the parts of the
  /// result for which there is credit, and the end. Waits for credit.
  /// @param soon another frame will be sent at once, so the end may wait for it
  void deliver(bool soon = false);

  /// Sends the start of a job that has been running for a while.
  void say_started();

  /// Asks the job to stop.
  /// @param killed whether the server wants to know the job's end
  void stop(bool killed);

  /// Call it when there is a new connection, or none (0). All reports are then
  /// sent again.
  void connected(connection_id connection);

  void add_credit(std::uint64_t bytes);

  /// Sets an eventfd that is written to when the job has to stop; -1 for none.
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
  bool late_ = false; ///< the start is sent without further waiting
  bool killed_ = false;
  std::optional<hearth::protocol::job_refused> refusal_;
  std::optional<hearth::protocol::failure> failure_;
  std::optional<hearth::protocol::frame> end_;
  hearth::native::steady_clock::time_point progress_sent_;

  // What was sent to the server over the present connection.
  connection_id connection_;
  connection_id started_on_ = 0;
  connection_id ended_on_ = 0;
  std::size_t parts_ = 0;
  int stop_fd_ = -1;
  std::uint64_t credit_;
  bool delivering_ = false;
};
