/// All jobs of this process that the server may still ask about.
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

/// Those that run, and those whose end the server has not stored yet. Called by
/// the link with its turn, and waits for no job here.
class jobs {
public:
  /// @param poll whose events the jobs' threads wait for, and hand to the link
  /// @param children where each job gets a process of its own; null: they run
  ///        in this one
  jobs(native::link& link, poller& poll, surroundings around,
       std::string folder, zygote* children)
    : link_(link), poll_(poll), around_(around), children_(children),
      libraries_(std::move(folder)),
      threads_(
        poll_, [this](poller::event x) { link_.handle(x); },
        [this] { link_.flush(); }) {
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

  /// Says what is due. A job's start is told only if the job does not end at
  /// once: that saves the server a message and a write for each short job.
  void tick();

private:
  using run_ptr = std::shared_ptr<hearth_run>;

  struct young {
    steady_clock::time_point grown_up;
    std::weak_ptr<hearth_run> run; ///< none: its end is stored already
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
  std::vector<young> young_; ///< of the link's turn

  std::mutex mutex_;
  std::condition_variable idle_;
  std::map<std::string, run_ptr, std::less<>> runs_;
  std::size_t active_ = 0; ///< runs whose code is not done
  bool stopping_ = false;
  job_threads threads_; ///< the last: they use all of the above
};

} // namespace hearth::native
