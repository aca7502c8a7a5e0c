/// What a load prints.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

/// Prints one line of JSON: requests, seconds, times in microseconds, errors.
inline void print_report(std::vector<double> times,
                         std::chrono::duration<double> took,
                         std::size_t errors) {
  std::sort(times.begin(), times.end());
  auto at = [&](double share) {
    if (times.empty())
      return 0.0;
    auto i
      = static_cast<std::size_t>(share * static_cast<double>(times.size()));
    return times[std::min(i, times.size() - 1)];
  };
  std::printf(R"({"requests": %zu, "seconds": %.6f, "p50": %.1f, )"
              R"("p95": %.1f, "p99": %.1f, "errors": %zu})"
              "\n",
              times.size(), took.count(), at(0.5), at(0.95), at(0.99), errors);
}
