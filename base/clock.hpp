/// The time of day, in the form in which it is stored and sent.
#pragma once

#include <cstdint>

namespace hearth {

/// Milliseconds since 1970-01-01T00:00:00Z; 0 means "not yet".
using millis = std::int64_t;

/// The time of the system's clock. That clock can be set back, so deadlines use
/// a steady clock instead.
millis now_ms() noexcept;

} // namespace hearth
