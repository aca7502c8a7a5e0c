/// The life of a context, without actors: what each event means in each phase.
///
/// ```
///             ready                  stop
///  starting ---------> running ---------------> stopping
///     |  |                |                        |  grace, SIGTERM, SIGKILL
///     |  | failed,        | link lost,             |
///     |  | init time-out, | process silent         | process gone
///     |  v                v                        v
///     | failing <---------+                     finished
///     |    |  SIGTERM, SIGKILL
///     |    | process gone       process gone unasked: from starting and
///     v    v                    running straight to error
///     error
/// ```
///
/// A final state is reached only when the process was seen to be gone.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/launch/launcher.hpp"
#include "store/records.hpp"

namespace hearth {

class context_machine {
public:
  enum class phase : std::uint8_t {
    starting,
    running,
    stopping,
    failing,
    finished,
    error
  };

  /// What the caller has to do after an event.
  enum class action : std::uint8_t {
    none,
    open,      ///< it takes jobs now
    ask,       ///< ask the agent to stop, then come back with `tick`
    terminate, ///< SIGTERM to the process group, then come back with `tick`
    kill,      ///< SIGKILL to the process group, then come back with `tick`
    finish     ///< it is over: store the end, answer who waits
  };

  phase now() const noexcept {
    return phase_;
  }

  /// The state that clients see.
  context_state state() const noexcept;

  /// Why it failed; empty unless failing or in error.
  const problem& reason() const noexcept {
    return reason_;
  }

  bool over() const noexcept {
    return phase_ == phase::finished || phase_ == phase::error;
  }

  /// The process could not even be started.
  action not_started(problem why);

  /// The agent's context is up.
  action ready();

  /// The agent said that it cannot start, was not ready in time, was silent
  /// for too long or hung up.
  action failed(problem why);

  /// Somebody wants it to end.
  action stop(bool force);

  /// The process ended.
  action exited(const launch::process_exit& how);

  /// The time for the last step of the way out has passed.
  action tick();

private:
  phase phase_ = phase::starting;
  action step_ = action::none; ///< the last step of the way out
  problem reason_;
};

/// For logs and status, e.g. "starting".
const char* to_string(context_machine::phase x) noexcept;

} // namespace hearth
