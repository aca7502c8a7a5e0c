/// Reads durations and sizes in HOCON's forms.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hearth::conf {

/// Reads a duration such as `10s`, `500 ms`, `1 minute` or `0.5h`. A plain
/// number counts milliseconds. Fractions of a millisecond are cut off.
/// @returns nothing if the text is not a duration, or if that is below 0 or
///          above 1000 years
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Reads a size such as `512m` or `8MiB` (both in powers of 1024) or `10 kB`
/// (in powers of 1000). A plain number counts bytes.
/// @returns nothing if the text is not a size, or if that is below 0, or 2^53
///          or more
std::optional<std::uint64_t> parse_size(std::string_view text);

} // namespace hearth::conf
