/// The life of a job as a state machine without actors: what each event means
/// in each phase. `job_actor_state` owns one.
///
/// ```
///             resolved          started            ended
///  resolving ----------> sent ----------> running --------> finished
///      |                  |  |               |  \---------> error
///      | no such binary   |  | kill          | kill
///      |                  |  v               v
///      |          refused | killing <--------+
///      v                  |    |  ended (however), refused
///    error <--------------+    v
///                            killed, or error if `kill` was given a reason
///
///  If the context is gone in any other phase, the job is in error, or killed
///  if it was being killed. If the context's actor died, the job is in error.
/// ```
#pragma once

#include <cstdint>
#include <string>

#include "runtime/protocol/messages.hpp"
#include "store/records.hpp"

namespace hearth {

class job_machine {
public:
  enum class phase : std::uint8_t {
    resolving,
    sent,
    running,
    killing,
    finished,
    error,
    killed
  };

  explicit job_machine(std::string id) : id_(std::move(id)) {
    // nop
  }

  phase now() const noexcept {
    return phase_;
  }

  bool over() const noexcept {
    return phase_ >= phase::finished;
  }

  /// Returns the state that clients see.
  job_state state() const noexcept;

  /// Returns why the job ended in error or was killed.
  const problem& reason() const noexcept {
    return reason_;
  }

  // Each event returns whether it changed the phase. An event that makes no
  // sense in a phase changes nothing; an agent that has connected again repeats
  // some events.

  /// The job's binaries are known and it was sent to the agent.
  bool sent();

  /// The job was never sent, or the agent refused to run it.
  bool refused(problem reason);

  /// The job's validation passed.
  bool started();

  /// A client wants the job to end.
  bool kill();

  /// The job runs although it must not, so it is killed and ends in error for
  /// that reason.
  bool kill(problem reason);

  /// The agent reported how the job ended. A job that was killed stays killed,
  /// whatever it returned.
  bool ended(const protocol::job_ended& end);

  /// The job's context is ending; `gone` says whether its process is gone. A
  /// job that is being killed is over only with the process.
  bool aborted(problem reason, bool gone);

  /// The actor of the job's context died, so nobody will report the job's end.
  /// The job is in error, also if it was being killed, since nobody saw the
  /// effect of that.
  bool disowned(problem reason);

  /// An earlier server left the job in that state.
  void recovered(job_state last);

private:
  bool become(phase next);
  bool become_killed();

  std::string id_;
  phase phase_ = phase::resolving;
  problem reason_;
  bool at_fault_ = false; ///< whether it is killed because of `reason_`
};

/// Returns the name of a phase for logs and status, e.g. "running".
const char* to_string(job_machine::phase x) noexcept;

} // namespace hearth
