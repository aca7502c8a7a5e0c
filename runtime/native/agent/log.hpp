/// Writes lines to the context's log, which is the stderr of this process.
#pragma once

#include <string_view>

namespace hearth::native {

/// Writes the line `<time> <level> [<job>] <text>` in one piece. Thread-safe.
void log_line(std::string_view level, std::string_view job,
              std::string_view text);

} // namespace hearth::native
