/// Shows the progress of a request or a job in one line of a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace hearth::cli {

/// Draws again and again on one line of stderr, and wipes it at the end. Draws
/// nothing if there is no terminal, and nothing for work that is done in a
/// moment.
class progress {
public:
  using clock = std::chrono::steady_clock;

  /// @param width columns of the terminal; 0 if there is none
  progress(std::ostream& err, std::size_t width) : err_(err), width_(width) {
    // nop
  }

  ~progress() {
    clear();
  }

  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  bool visible() const noexcept {
    return width_ > 0;
  }

  /// Shows the text and the time since the start.
  void show(std::string_view text);

  /// Shows a text, a bar and the time since the start.
  /// @param note stands behind the bar
  void show(std::string_view text, std::int64_t done, std::int64_t total,
            std::string_view note);

  /// Wipes the line, e.g. before other output.
  void clear();

private:
  bool due();
  void draw(const std::string& line);

  std::ostream& err_;
  std::size_t width_;
  clock::time_point start_ = clock::now();
  clock::time_point drawn_{};
  bool on_screen_ = false;
};

/// Returns the columns of the terminal on stderr; 0 if stderr is not a
/// terminal.
std::size_t terminal_width();

/// Returns e.g. `0:07` or `1:02:03`.
std::string elapsed(std::chrono::seconds time);

/// Returns e.g. `1.5 MB`.
std::string bytes(std::int64_t n);

/// Returns a bar of `width` columns, filled in the proportion of `done` to
/// `total`.
std::string bar(std::int64_t done, std::int64_t total, std::size_t width);

} // namespace hearth::cli
