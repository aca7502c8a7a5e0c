/// Makes texts of jobs fit for the protocol.
#pragma once

#include <string>
#include <string_view>

namespace hearth::native {

/// The longest message or stack that is sent, in bytes. A header has to have
/// room for both.
inline constexpr std::size_t max_text = 64 * 1024;

/// Cuts a text at `max_text` and replaces bytes that are not UTF-8 by '?'.
std::string clean(std::string_view x);

} // namespace hearth::native
