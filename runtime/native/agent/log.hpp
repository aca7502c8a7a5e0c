/// The context's log: the process's stderr.
#pragma once

#include <string_view>

namespace hearth::native {

/// Writes `<time> <level> [<job>] <text>` in one piece. Thread-safe.
void log_line(std::string_view level, std::string_view job,
              std::string_view text);

} // namespace hearth::native
