#include "conf/units.hpp"

#include <charconv>
#include <cmath>
#include <initializer_list>

namespace hearth::conf {

namespace {

struct unit {
  double factor;
  std::initializer_list<std::string_view> names;
};

// Milliseconds, by every name that HOCON knows.
const unit durations[] = {
  {1e-6, {"ns", "nano", "nanos", "nanosecond", "nanoseconds"}},
  {1e-3, {"us", "micro", "micros", "microsecond", "microseconds"}},
  {1, {"", "ms", "milli", "millis", "millisecond", "milliseconds"}},
  {1e3, {"s", "second", "seconds"}},
  {60e3, {"m", "minute", "minutes"}},
  {3600e3, {"h", "hour", "hours"}},
  {86400e3, {"d", "day", "days"}},
};

const unit sizes[] = {
  {1, {"", "B", "b", "byte", "bytes"}},
  {1e3, {"kB", "kilobyte", "kilobytes"}},
  {1e6, {"MB", "megabyte", "megabytes"}},
  {1e9, {"GB", "gigabyte", "gigabytes"}},
  {1e12, {"TB", "terabyte", "terabytes"}},
  {0x1p10, {"K", "k", "Ki", "KiB", "kibibyte", "kibibytes"}},
  {0x1p20, {"M", "m", "Mi", "MiB", "mebibyte", "mebibytes"}},
  {0x1p30, {"G", "g", "Gi", "GiB", "gibibyte", "gibibytes"}},
  {0x1p40, {"T", "t", "Ti", "TiB", "tebibyte", "tebibytes"}},
};

std::string_view trim(std::string_view x) {
  auto begin = x.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return x.substr(begin, x.find_last_not_of(" \t") - begin + 1);
}

template <std::size_t N>
std::optional<double> parse(std::string_view text, const unit (&units)[N]) {
  text = trim(text);
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(),
                                      number, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(number) || number < 0)
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  text = trim(text);
  for (auto& x : units)
    for (auto name : x.names)
      if (name == text)
        return number * x.factor;
  return std::nullopt;
}

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto result = parse(text, durations);
  if (!result || *result > 1000 * 365.25 * 86400e3)
    return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::int64_t>(*result)};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  auto result = parse(text, sizes);
  if (!result || *result >= 0x1p53)
    return std::nullopt;
  return static_cast<std::uint64_t>(*result);
}

} // namespace hearth::conf
