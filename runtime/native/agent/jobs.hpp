/// Keeps all jobs of this process that run, and those whose end the server has
/// not stored yet. The agent owns it.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/native/agent/library.hpp"
#include "runtime/native/agent/link.hpp"
#include "runtime/native/agent/run.hpp"
#include "runtime/native/agent/zygote.hpp"

namespace hearth::native {

/// The link calls it, one thread at a time. Its functions do not wait for jobs,
/// except for `wait_idle`.
class jobs {
public:
  /// @param poll the jobs' threads wait for its events and pass them to the
  /// link
  /// @param children makes a process for each job; null: jobs run in this one
  jobs(native::link& link, poller& poll, surroundings around,
       std::string folder, zygote* children)
    : link_(link), poll_(poll), around_(around), children_(children),
      libraries_(std::move(folder)),
      threads_(
        poll_, [this](poller::event x) { link_.handle(x); },
        [this] { link_.flush(); }) {
    // nop
  }

  /// Runs a job. If the job is known already, it is not run again, but the last
  /// report about it is repeated.
  void run(protocol::run_job job, std::string config);

  void kill(const std::string& id);
  void add_credit(const std::string& id, std::uint64_t bytes);

  /// Forgets a job whose end the server has stored.
  void stored(const std::string& id);

  std::vector<std::string> running();
  std::vector<std::string> ended();

  /// Call it when there is a new connection, or none (0).
  void connected(connection_id connection);

  /// Takes no more jobs and asks all running ones to stop. The server does not
  /// wait for reports about them.
  void stop();

  /// Waits until no job runs.
  /// @returns false if some still run after that time
  bool wait_idle(std::chrono::milliseconds time);

  /// Reports the starts that are due. The start of a job is reported only if
  /// the job does not end at once, which saves the server a message and a write
  /// for each short job.
  void tick();

private:
  using run_ptr = std::shared_ptr<hearth_run>;

  struct young {
    steady_clock::time_point grown_up;
    std::weak_ptr<hearth_run> run; ///< empty if its end is stored already
  };

  run_ptr find(const std::string& id);
  std::vector<run_ptr> all();
  void run_to_end(hearth_run& run);
  void run_code(hearth_run& run);
  void deliver(run_ptr run);

  native::link& link_;
  poller& poll_;
  surroundings around_;
  zygote* children_;
  libraries libraries_;
  std::vector<young> young_; ///< used only by the thread that the link calls on

  std::mutex mutex_;
  std::condition_variable idle_;
  std::map<std::string, run_ptr, std::less<>> runs_;
  std::size_t active_ = 0; ///< runs whose code has not returned
  bool stopping_ = false;
  job_threads threads_; ///< the last member, since the threads use all others
};

} // namespace hearth::native
