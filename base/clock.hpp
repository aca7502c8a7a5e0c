/// The time of day, as it is stored and sent.
#pragma once

#include <cstdint>

namespace hearth {

/// Milliseconds since 1970-01-01T00:00:00Z; 0 means "not yet".
using millis = std::int64_t;

/// The system's clock now. It may be set back: deadlines use a steady clock.
millis now_ms() noexcept;

} // namespace hearth
