/// The life of a context as a state machine without actors: what each event
/// means in each phase. `context_actor_state` owns one and does what it says.
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
/// The phase recovering takes the place of running until the agent of an
/// earlier server's process has reported. A process that ends without being
/// asked to leads to error or, if the settings ask for another process, to
/// waiting. A stop leads out of every phase. A final state is reached only when
/// the process was seen to be gone.
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
    recovering, ///< its process lives, but its agent has not reported yet
    draining,   ///< its process has to end, and another one follows
    waiting,    ///< between two processes
    reviving,   ///< the next process is being started
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
    ask,       ///< ask the agent to stop, then call `tick` after a time
    terminate, ///< SIGTERM to the process group, then call `tick` after a time
    kill,      ///< SIGKILL to the process group, then call `tick` after a time
    pause,     ///< the process is gone: call `relaunch` after `delay`
    launch,    ///< start a process
    finish     ///< it is over: store the end, answer all requests that wait
  };

  /// All times are milliseconds of a steady clock.
  /// @param init_job whether a job has to run before any other may
  /// @param random   used for the pauses before restarts
  explicit context_machine(const conf::context_limits& rules = {},
                           bool init_job = false,
                           random_fraction random = next_random_fraction)
    : restarts_(rules, std::move(random)), init_job_(init_job) {
    // nop
  }

  phase now() const noexcept {
    return phase_;
  }

  /// Returns the state that clients see.
  context_state state() const noexcept;

  /// Returns why the context failed, was restarted or stopped by itself; empty
  /// if none of that happened.
  const problem& reason() const noexcept {
    return reason_;
  }

  bool over() const noexcept {
    return phase_ == phase::finished || phase_ == phase::error;
  }

  /// Whether the context has no process that takes jobs, but will get one.
  bool coming_back() const noexcept;

  /// Returns how long the pause of `action::pause` is.
  std::chrono::milliseconds delay() const noexcept {
    return delay_;
  }

  // -- events; each returns what the caller has to do --

  /// An earlier server left the context running.
  void recovering();

  /// An earlier server left the context between two processes, for that reason.
  action resume(problem reason);

  /// The process could not be started at all.
  action not_started(problem reason, millis now);

  /// The agent's context is up.
  action ready(millis now);

  /// The init job has ended well.
  action prepared(millis now);

  /// The context cannot go on: its agent said that it cannot start, was not
  /// ready in time, was silent for too long or closed its connection, or a job
  /// does not end. `step` is the first step of ending the process.
  action failed(problem reason, action step = action::terminate);

  /// The context has to end; `reason` is empty if a client wants that.
  action stop(bool force, problem reason = {});

  /// The context has to get another process, for that reason.
  action restart(problem reason);

  /// The process, which is being ended, has to end at once.
  action hurry();

  /// The process has ended.
  action exited(const launch::process_exit& exit, millis now);

  /// The pause is over.
  action relaunch();

  /// The time for the last step of ending the process is over.
  action tick();

private:
  action open(millis now);
  action ended(millis now, bool failure);

  context_restarts restarts_;
  bool init_job_ = false;
  phase phase_ = phase::starting;
  bool opened_ = false;        ///< whether it ever took jobs
  bool preparing_ = false;     ///< whether the init job runs
  action step_ = action::none; ///< the last step of ending the process
  std::chrono::milliseconds delay_{0};
  problem reason_;
};

/// Returns the name of a phase for logs and status, e.g. "starting".
const char* to_string(context_machine::phase x) noexcept;

} // namespace hearth
