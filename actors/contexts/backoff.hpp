/// Decides whether a context gets another process after one has ended, and how
/// long the pause before that is. `context_machine` owns it.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "conf/settings.hpp"
#include "store/records.hpp"

namespace hearth {

/// A random number of at least 0 and less than 1.
using random_fraction = std::function<double()>;

/// Returns a number of the C++ library's generator, which is good enough for
/// pauses, but not for secrets.
double next_random_fraction();

/// Counts the failures of one context's processes. The pause before the next
/// process doubles with each failure up to a cap. The actual pause is a random
/// one between half of that and all of it, so that contexts that failed
/// together do not start together. After a run that was long enough the pauses
/// are short again. After too many failures within a window there is no next
/// process. The context's settings have all these numbers.
///
/// It has no clock: all times are milliseconds of the caller's steady clock.
class context_restarts {
public:
  explicit context_restarts(const conf::context_limits& rules,
                            random_fraction random = next_random_fraction)
    : rules_(rules), random_(std::move(random)) {
    // nop
  }

  /// Whether a process that fails may be followed by another one.
  bool enabled() const noexcept {
    return rules_.restart != conf::restart_mode::never;
  }

  /// Whether an end without a failure is followed by another process, too.
  bool always() const noexcept {
    return rules_.restart == conf::restart_mode::always;
  }

  /// Notes that the context takes jobs now.
  void opened(millis now) noexcept {
    opened_at_ = now;
  }

  /// Notes that a process ended without being asked to.
  /// @returns the pause before the next process; nothing if there is no next
  ///          one, and then `gave_up` says whether there were too many failures
  std::optional<std::chrono::milliseconds> next(millis now, bool failure);

  /// Returns why there is no next process although the settings ask for one; ""
  /// if that is not so.
  const std::string& gave_up() const noexcept {
    return gave_up_;
  }

private:
  conf::context_limits rules_;
  random_fraction random_;
  std::optional<millis> opened_at_; ///< since the last failure
  std::deque<millis> failures_;     ///< within the window, oldest first
  int in_a_row_ = 0;                ///< failures since the last good run
  std::string gave_up_;
};

} // namespace hearth
