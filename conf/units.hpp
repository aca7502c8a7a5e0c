/// Durations and sizes in HOCON's forms.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hearth::conf {

/// E.g. `10s`, `500 ms`, `1 minute`, `0.5h`; a plain number counts
/// milliseconds, parts of one are cut off.
/// @returns nothing if it is no duration, or one below 0 or above 1000 years
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// E.g. `512m`, `8MiB` (both in powers of 1024), `10 kB` (of 1000); a plain
/// number counts bytes.
/// @returns nothing if it is no size, or one below 0 or from 2^53 on
std::optional<std::uint64_t> parse_size(std::string_view text);

} // namespace hearth::conf
