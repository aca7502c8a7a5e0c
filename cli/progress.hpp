/// The line on a terminal that says how far something is.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace hearth::cli {

/// Drawn over and over on one line of stderr, and wiped at the end. Draws
/// nothing where nobody looks, and nothing for what is done in a moment.
class progress {
public:
  using clock = std::chrono::steady_clock;

  /// @param width columns of the terminal; 0: there is none
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

  /// Shows a bar. @param note stands behind it
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

/// Columns of the terminal on stderr, 0 if that is none.
std::size_t terminal_width();

/// E.g. `0:07`, `1:02:03`.
std::string elapsed(std::chrono::seconds time);

/// E.g. `1.5 MB`.
std::string bytes(std::int64_t n);

/// `width` columns: full for what is done of the total.
std::string bar(std::int64_t done, std::int64_t total, std::size_t width);

} // namespace hearth::cli
