/// Texts of jobs, made fit to travel.
#pragma once

#include <string>
#include <string_view>

namespace hearth::native {

/// Longest message or stack that travels, bytes; a header has to hold both.
inline constexpr std::size_t max_text = 64 * 1024;

/// `x` as UTF-8, cut at `max_text`: bytes that are none become '?'.
std::string clean(std::string_view x);

} // namespace hearth::native
