#include "runtime/native/agent/log.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <unistd.h>

namespace hearth::native {

void log_line(std::string_view level, std::string_view job,
              std::string_view text) {
  using namespace std::chrono;
  auto now = system_clock::now();
  auto seconds = system_clock::to_time_t(now);
  auto ms = duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
  tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 32> time{};
  auto n = std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(time.data() + n, time.size() - n, ".%03d",
                static_cast<int>(ms));
  std::string line{time.data()};
  line.append(" ").append(level);
  if (!job.empty())
    line.append(" [").append(job).append("]");
  line.append(" ").append(text).append("\n");
  // There is no place to report that the log cannot be written.
  static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
}

} // namespace hearth::native
