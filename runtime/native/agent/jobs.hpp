/// All jobs of this process that the server may still ask about.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "runtime/native/agent/library.hpp"
#include "runtime/native/agent/link.hpp"
#include "runtime/native/agent/run.hpp"
#include "runtime/native/agent/zygote.hpp"

namespace hearth::native {

/// Those that run, and those whose end the server has not stored yet. Called by
/// the link's thread, which waits for no job here.
class jobs {
public:
  /// @param children where each job gets a process of its own; null: they run
  ///        in this one
  jobs(native::link& link, surroundings around, std::string folder,
       zygote* children)
    : link_(link), around_(around), children_(children),
      libraries_(std::move(folder)), threads_([this] { link_.flush(); }) {
    // nop
  }

  /// Runs a job. One that is known already is not run again: what was last said
  /// about it is repeated.
  void run(protocol::run_job job, std::string config);

  void kill(const std::string& id);
  void add_credit(const std::string& id, std::uint64_t bytes);

  /// The server has stored how it ended.
  void stored(const std::string& id);

  std::vector<std::string> running();
  std::vector<std::string> ended();

  /// There is a new connection, or (0) none.
  void connected(connection_id connection);

  /// Takes no more jobs and asks those that run to stop; the server, which
  /// asked for it, does not wait to hear of them.
  void stop();

  /// @returns false if some still run after that time
  bool wait_idle(std::chrono::milliseconds time);

  // A job's start is told only if the job does not end at once: that saves the
  // server a message and a write for each short job.
  std::optional<steady_clock::time_point> next_tick();
  void tick();

private:
  using run_ptr = std::shared_ptr<hearth_run>;

  struct young {
    steady_clock::time_point born;
    run_ptr run;
  };

  run_ptr find(const std::string& id);
  std::vector<run_ptr> all();
  void run_to_end(hearth_run& run);
  void run_code(hearth_run& run);
  void deliver(run_ptr run);

  native::link& link_;
  surroundings around_;
  zygote* children_;
  libraries libraries_;
  job_threads threads_;
  std::vector<young> young_; ///< oldest first; the link's thread's own

  std::mutex mutex_;
  std::condition_variable idle_;
  std::map<std::string, run_ptr, std::less<>> runs_;
  std::size_t active_ = 0; ///< runs whose code is not done
  bool stopping_ = false;
};

} // namespace hearth::native
