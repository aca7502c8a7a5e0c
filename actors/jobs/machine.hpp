/// The life of a job, without actors: what each event means in each phase.
///
/// ```
///             resolved          started            ended
///  resolving ----------> sent ----------> running --------> finished
///      |                  |  |               |  \---------> error
///      | no such binary   |  | kill          | kill
///      |                  |  v               v
///      |          refused | killing <--------+
///      v                  |    |  ended (whatever it says), refused
///    error <--------------+    v
///                            killed, or error if `kill` was given a reason
///
///  context gone, in any phase but the last three: error, or killed after a
///  kill; the context's actor dead: error
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

  /// The state that clients see.
  job_state state() const noexcept;

  /// Why it ended in error or was killed.
  const problem& reason() const noexcept {
    return reason_;
  }

  // Each returns whether the event changed the phase; an event that makes no
  // sense in a phase, such as one that a redial repeats, changes nothing.

  /// Its binaries are known and it was sent to the agent.
  bool sent();

  /// It was never sent, or the agent would not run it.
  bool refused(problem why);

  /// Its validation passed.
  bool started();

  /// Somebody wants it to end.
  bool kill();

  /// The same, but it ends in error for that reason: it runs, and must not.
  bool kill(problem why);

  /// The agent says how it ended. A job that was killed stays killed, whatever
  /// it returned.
  bool ended(const protocol::job_ended& how);

  /// Its context is on its way out, or its process gone. A job that was killed
  /// is over only with the process.
  bool aborted(problem why, bool gone);

  /// The actor of its context died: nobody will report its end. It is in
  /// error, also after a kill, whose effect nobody saw.
  bool disowned(problem why);

  /// An earlier server left it in that state.
  void recovered(job_state last);

private:
  bool become(phase next);
  bool become_killed();

  std::string id_;
  phase phase_ = phase::resolving;
  problem reason_;
  bool at_fault_ = false; ///< killed for `reason_`
};

/// For logs and status, e.g. "running".
const char* to_string(job_machine::phase x) noexcept;

} // namespace hearth
