#include "runtime/launch/proc_stat.hpp"

#include <array>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace hearth::launch {

namespace {

template <class T>
bool parse_number(std::string_view text, T& result) {
  auto [end, ec]
    = std::from_chars(text.data(), text.data() + text.size(), result);
  return ec == std::errc{} && end == text.data() + text.size();
}

/// The word number `index` (0 is the first), "" if there are not so many.
std::string_view word(std::string_view text, int index) {
  for (;;) {
    auto end = std::min(text.find(' '), text.size());
    if (index-- == 0)
      return text.substr(0, end);
    if (end == text.size())
      return {};
    text.remove_prefix(end + 1);
  }
}

bool has_ended(const proc_stat& x) {
  return x.state == 'Z' || x.state == 'X';
}

} // namespace

std::optional<proc_stat> parse_proc_stat(std::string_view text) {
  // The format is "PID (COMM) STATE PPID PGRP …". COMM is any name that the
  // program has given itself.
  auto open = text.find(" (");
  auto close = text.rfind(") ");
  if (open == std::string_view::npos || close == std::string_view::npos
      || close < open)
    return std::nullopt;
  auto rest = text.substr(close + 2);
  auto state = word(rest, 0);
  proc_stat result;
  if (!parse_number(text.substr(0, open), result.pid) || state.size() != 1
      || !parse_number(word(rest, 2), result.group)
      || !parse_number(word(rest, 19), result.start_time))
    return std::nullopt;
  result.state = state[0];
  return result;
}

std::optional<proc_stat> read_proc_stat(std::int64_t pid) {
  auto path = "/proc/" + std::to_string(pid) + "/stat";
  auto fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return std::nullopt;
  std::array<char, 2048> buffer;
  auto size = ::read(fd, buffer.data(), buffer.size());
  ::close(fd);
  if (size <= 0)
    return std::nullopt;
  return parse_proc_stat({buffer.data(), static_cast<std::size_t>(size)});
}

std::vector<proc_stat> live_members(std::int64_t group) {
  std::vector<proc_stat> result;
  std::error_code ec;
  std::filesystem::directory_iterator entries{"/proc", ec};
  for (const auto end = std::filesystem::directory_iterator{};
       !ec && entries != end; entries.increment(ec)) {
    std::int64_t pid = 0;
    if (!parse_number(entries->path().filename().native(), pid))
      continue;
    auto x = read_proc_stat(pid);
    if (x && x->group == group && !has_ended(*x))
      result.push_back(*x);
  }
  return result;
}

int open_pidfd(std::int64_t pid) {
  return static_cast<int>(
    ::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0));
}

std::int64_t ticks_since_boot() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  static const auto per_second = sysconf(_SC_CLK_TCK);
  return now.tv_sec * per_second + now.tv_nsec * per_second / 1'000'000'000;
}

} // namespace hearth::launch
