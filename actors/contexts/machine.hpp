/// The life of a context, without actors: what each event means in each phase.
///
/// ```
///             ready                  stop
///  starting ---------> running ---------------> stopping
///     |  |              |  | ^                    |  grace, SIGTERM, SIGKILL
///     |  | failed,      |  | | ready, prepared    | process gone
///     |  | init         |  | |                    v
///     |  | time-out     |  | |                 finished
///     |  v              |  | |
///     | failing <-------+  | +------ reviving <------ waiting
///     |    |  lost, silent |           |  pause over     ^
///     |    |               |           | failed          | process gone
///     |    | process gone  | restart   v                 |
///     v    v               +-------> draining -----------+
///   error <-- the settings say -------> waiting
/// ```
///
/// recovering stands for running while the agent of an earlier server's process
/// has not reported yet. A process that ends unasked leads to error or, if the
/// settings ask for another one, to waiting; stop leads out of every phase. A
/// final state is reached only when the process was seen to be gone.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "actors/contexts/backoff.hpp"
#include "runtime/launch/launcher.hpp"
#include "store/records.hpp"

namespace hearth {

class context_machine {
public:
  enum class phase : std::uint8_t {
    starting,
    running,
    recovering, ///< its process lives, its agent is not heard of yet
    draining,   ///< its process has to end, another one follows
    waiting,    ///< between two processes
    reviving,   ///< another process starts
    stopping,
    failing,
    finished,
    error
  };

  /// What the caller has to do after an event.
  enum class action : std::uint8_t {
    none,
    prepare,   ///< run the init job
    open,      ///< it takes jobs now
    ask,       ///< ask the agent to stop, then come back with `tick`
    terminate, ///< SIGTERM to the process group, then come back with `tick`
    kill,      ///< SIGKILL to the process group, then come back with `tick`
    pause,     ///< its process is gone: come back with `relaunch`, see `delay`
    launch,    ///< start a process
    finish     ///< it is over: store the end, answer who waits
  };

  /// All times are milliseconds of a steady clock.
  /// @param init_job whether a job runs before others are let in
  /// @param random   for the pauses before restarts
  explicit context_machine(const conf::context_limits& rules = {},
                           bool init_job = false,
                           random_fraction random = next_random_fraction)
    : restarts_(rules, std::move(random)), init_job_(init_job) {
    // nop
  }

  phase now() const noexcept {
    return phase_;
  }

  /// The state that clients see.
  context_state state() const noexcept;

  /// Why it failed, was restarted or stopped by itself; empty while all is
  /// well.
  const problem& reason() const noexcept {
    return reason_;
  }

  bool over() const noexcept {
    return phase_ == phase::finished || phase_ == phase::error;
  }

  /// It has no process that takes jobs, but is to have one again.
  bool coming_back() const noexcept;

  /// The pause of `action::pause`.
  std::chrono::milliseconds delay() const noexcept {
    return delay_;
  }

  /// An earlier server left it running.
  void recovering();

  /// An earlier server left it between two processes, for that reason.
  action resume(problem why);

  /// The process could not even be started.
  action not_started(problem why, millis now);

  /// The agent's context is up.
  action ready(millis now);

  /// The init job is done.
  action prepared(millis now);

  /// The agent said that it cannot start, was not ready in time, was silent
  /// for too long or hung up, or a job does not end. `step` is the first one
  /// of the process's way out.
  action failed(problem why, action step = action::terminate);

  /// Somebody wants it to end, for a reason or without.
  action stop(bool force, problem why = {});

  /// Somebody wants another process, for a reason.
  action restart(problem why);

  /// The process has to end now, whatever the reason of its way out.
  action hurry();

  /// The process ended.
  action exited(const launch::process_exit& how, millis now);

  /// The pause is over.
  action relaunch();

  /// The time for the last step of the way out has passed.
  action tick();

private:
  action open(millis now);
  action ended(millis now, bool failure);

  context_restarts restarts_;
  bool init_job_ = false;
  phase phase_ = phase::starting;
  bool opened_ = false;        ///< it once took jobs
  bool preparing_ = false;     ///< the init job runs
  action step_ = action::none; ///< the last step of the way out
  std::chrono::milliseconds delay_{0};
  problem reason_;
};

/// For logs and status, e.g. "starting".
const char* to_string(context_machine::phase x) noexcept;

} // namespace hearth
