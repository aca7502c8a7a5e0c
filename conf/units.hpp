/// Durations and sizes in HOCON's forms.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace hearth::conf {

/// `10s`, `500 ms`, `1 minute`, `2h`, `1 day`; a plain number is milliseconds.
/// @returns nothing if the text is none of these, is negative or overflows
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// `512m`, `8MiB`, `10k`, `1 GB`; a plain number is bytes. Powers of 1024 but
/// for `kB`, `MB`, `GB`, `TB`, which are powers of 1000.
/// @returns nothing if the text is none of these, is negative or overflows
std::optional<std::size_t> parse_size(std::string_view text);

} // namespace hearth::conf
