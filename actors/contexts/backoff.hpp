/// When the process of a context is started again, and when no more.
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

/// From the C++ library's generator; for pauses, not for secrets.
double next_random_fraction();

/// Counts the failures of one context's processes against its settings. The
/// pause before the next process doubles with each failure up to a cap. It lies
/// at random between half of that and all of it, so that contexts that failed
/// together do not start together. A run that was long enough makes the pause
/// short again. After too many failures within a window there is no more start.
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

  /// The context takes jobs.
  void opened(millis now) noexcept {
    opened_at_ = now;
  }

  /// A process ended unasked.
  /// @returns the pause before the next one; nothing if there is to be none,
  ///          and `gave_up` says whether failures were too many
  std::optional<std::chrono::milliseconds> next(millis now, bool failure);

  /// Why there is no next process although the settings ask for one, or "".
  const std::string& gave_up() const noexcept {
    return gave_up_;
  }

private:
  conf::context_limits rules_;
  random_fraction random_;
  std::optional<millis> opened_at_; ///< since the last failure
  std::deque<millis> failures_;     ///< within the window, oldest first
  int in_a_row_ = 0; ///< failures without a good run between them
  std::string gave_up_;
};

} // namespace hearth
