#include "cli/progress.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/text.hpp"

namespace hearth::cli {

namespace {

constexpr std::chrono::milliseconds first_after{300};
constexpr std::chrono::milliseconds redraw_after{100};
constexpr std::size_t bar_width = 30;

} // namespace

void progress::show(std::string_view text) {
  if (due())
    draw(fmt::format("{} … {}", text,
                     elapsed(std::chrono::duration_cast<std::chrono::seconds>(
                       clock::now() - start_))));
}

void progress::show(std::string_view text, std::int64_t done,
                    std::int64_t total, std::string_view note) {
  if (due())
    draw(fmt::format("{} {} {}", text, bar(done, total, bar_width), note));
}

void progress::clear() {
  if (on_screen_)
    err_ << "\r\033[K" << std::flush;
  on_screen_ = false;
}

bool progress::due() {
  auto now = clock::now();
  if (!visible() || now - start_ < first_after || now - drawn_ < redraw_after)
    return false;
  drawn_ = now;
  return true;
}

void progress::draw(const std::string& line) {
  // One column less: a full line wraps on some terminals.
  err_ << "\r\033[K" << cut(printable(line, false), width_ - 1) << std::flush;
  on_screen_ = true;
}

std::size_t terminal_width() {
  const char* terminal = std::getenv("TERM");
  if (!isatty(STDERR_FILENO) || (terminal && terminal == std::string{"dumb"}))
    return 0;
  winsize size{};
  auto known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

std::string elapsed(std::chrono::seconds time) {
  auto n = time.count();
  return n < 3600
           ? fmt::format("{}:{:02}", n / 60, n % 60)
           : fmt::format("{}:{:02}:{:02}", n / 3600, n / 60 % 60, n % 60);
}

std::string bytes(std::int64_t n) {
  constexpr std::array units{"kB", "MB", "GB", "TB"};
  if (n < 1000)
    return fmt::format("{} B", n);
  auto value = static_cast<double>(n) / 1000;
  std::size_t unit = 0;
  for (; value >= 999.95 && unit + 1 < units.size(); ++unit)
    value /= 1000;
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string bar(std::int64_t done, std::int64_t total, std::size_t width) {
  auto share
    = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 0.0;
  auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0)
                                       * static_cast<double>(width));
  return '[' + std::string(full, '#') + std::string(width - full, '.') + ']';
}

} // namespace hearth::cli
