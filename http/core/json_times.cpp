// Times and durations as answers show them.

#include <algorithm>
#include <array>

#include "http/core/json.hpp"

namespace hearth::http::json {

namespace {

/// The last `n` decimal digits of `value`, with leading zeros.
void digits(char* to, std::int64_t value, int n) noexcept {
  for (int i = n - 1; i >= 0; --i, value /= 10)
    to[i] = static_cast<char>('0' + value % 10);
}

} // namespace

std::string timestamp(millis time) {
  constexpr millis day = 86'400'000;
  // Years from 0000 to 9999, which have four digits.
  time = std::clamp(time, -62'167'219'200'000, 253'402'300'799'999);
  auto days = time / day - (time % day < 0 ? 1 : 0);
  auto rest = time - days * day;
  // Days since 0000-03-01, cut into 400-year eras: Howard Hinnant's
  // days_from_civil, backwards.
  auto z = days + 719'468;
  auto era = (z >= 0 ? z : z - 146'096) / 146'097;
  auto doe = z - era * 146'097;
  auto yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
  auto doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  auto mp = (5 * doy + 2) / 153;
  auto month = mp < 10 ? mp + 3 : mp - 9;
  std::string result = "0000-00-00T00:00:00.000Z";
  digits(result.data(), yoe + era * 400 + (month <= 2 ? 1 : 0), 4);
  digits(result.data() + 5, month, 2);
  digits(result.data() + 8, doy - (153 * mp + 2) / 5 + 1, 2);
  digits(result.data() + 11, rest / 3'600'000, 2);
  digits(result.data() + 14, rest / 60'000 % 60, 2);
  digits(result.data() + 17, rest / 1000 % 60, 2);
  digits(result.data() + 20, rest % 1000, 3);
  return result;
}

std::string duration(millis elapsed) {
  // A clock that was set back must not show.
  if (elapsed < 0)
    elapsed = 0;
  std::array<char, 3> fraction{};
  digits(fraction.data(), elapsed % 1000, 3);
  std::size_t n = 3;
  while (n > 1 && fraction[n - 1] == '0')
    --n;
  auto result = std::to_string(elapsed / 1000);
  result += '.';
  result.append(fraction.data(), n);
  result += " secs";
  return result;
}

} // namespace hearth::http::json
