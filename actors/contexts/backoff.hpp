/// When the process of a context is started again, and when no more.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "conf/settings.hpp"
#include "store/records.hpp"

namespace hearth {

/// The failures of one context's processes, held against its settings: the
/// pause doubles with each failure up to a cap, a good run makes it short
/// again, and after too many failures within a window there is no more start.
/// Without a clock of its own: all times are milliseconds of the caller's.
class context_restarts {
public:
  explicit context_restarts(const conf::context_limits& rules) : rules_(rules) {
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
  millis opened_at_ = 0;        ///< 0: not since the last failure
  std::deque<millis> failures_; ///< within the window, oldest first
  int in_a_row_ = 0;            ///< failures without a good run between them
  std::string gave_up_;
};

} // namespace hearth
