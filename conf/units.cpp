#include "conf/units.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace hearth::conf {

namespace {

using unit = std::pair<std::string_view, double>;

constexpr std::array durations{
  unit{"", 1},
  unit{"ns", 1e-6},
  unit{"us", 1e-3},
  unit{"ms", 1},
  unit{"milli", 1},
  unit{"millis", 1},
  unit{"millisecond", 1},
  unit{"milliseconds", 1},
  unit{"s", 1e3},
  unit{"second", 1e3},
  unit{"seconds", 1e3},
  unit{"m", 60e3},
  unit{"minute", 60e3},
  unit{"minutes", 60e3},
  unit{"h", 3600e3},
  unit{"hour", 3600e3},
  unit{"hours", 3600e3},
  unit{"d", 86400e3},
  unit{"day", 86400e3},
  unit{"days", 86400e3},
};

constexpr double kib = 1024;

constexpr std::array sizes{
  unit{"", 1},
  unit{"b", 1},
  unit{"B", 1},
  unit{"byte", 1},
  unit{"bytes", 1},
  unit{"k", kib},
  unit{"K", kib},
  unit{"Ki", kib},
  unit{"KiB", kib},
  unit{"kB", 1e3},
  unit{"m", kib* kib},
  unit{"M", kib* kib},
  unit{"Mi", kib* kib},
  unit{"MiB", kib* kib},
  unit{"MB", 1e6},
  unit{"g", kib* kib* kib},
  unit{"G", kib* kib* kib},
  unit{"Gi", kib* kib* kib},
  unit{"GiB", kib* kib* kib},
  unit{"GB", 1e9},
  unit{"t", kib* kib* kib* kib},
  unit{"T", kib* kib* kib* kib},
  unit{"TiB", kib* kib* kib* kib},
  unit{"TB", 1e12},
};

std::string_view trim(std::string_view x) {
  constexpr auto blanks = " \t\r\n";
  auto first = x.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return x.substr(first, x.find_last_not_of(blanks) - first + 1);
}

template <std::size_t N>
std::optional<double> parse(std::string_view text,
                            const std::array<unit, N>& units) {
  text = trim(text);
  double number = 0;
  auto end = text.data() + text.size();
  auto [at, code]
    = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (code != std::errc{} || number < 0)
    return std::nullopt;
  auto name = trim({at, static_cast<std::size_t>(end - at)});
  for (auto& [known, factor] : units)
    if (name == known)
      return number * factor;
  return std::nullopt;
}

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  // A century: beyond it, additions to the time of day could overflow.
  constexpr double longest = 100.0 * 366 * 86400e3;
  auto x = parse(text, durations);
  if (!x || *x > longest)
    return std::nullopt;
  return std::chrono::milliseconds{std::llround(std::ceil(*x))};
}

std::optional<std::size_t> parse_size(std::string_view text) {
  auto x = parse(text, sizes);
  if (!x || *x > static_cast<double>(std::numeric_limits<std::int64_t>::max()))
    return std::nullopt;
  return static_cast<std::size_t>(*x);
}

} // namespace hearth::conf
