// What others wrote cannot steer a terminal, and fits the columns it has.

#include <algorithm>
#include <clocale>

#include "cli/text.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

/// Whether a terminal would take a part of the text for a command, in UTF-8 or
/// byte by byte.
bool steers(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
      return true;
    auto next
      = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : '\0');
    if (c == 0xc2 && next >= 0x80 && next < 0xa0)
      return true;
  }
  return false;
}

} // namespace

void one(std::string_view input) {
  static const bool utf8 = std::setlocale(LC_ALL, "C.UTF-8") != nullptr;
  require(utf8, "this system has the locale C.UTF-8");
  for (bool lines : {true, false}) {
    auto text = cli::printable(input, lines);
    require(!steers(text), "no control characters");
    require(lines || text.find('\n') == std::string::npos, "one line");
    require_equal(cli::printable(text, lines), text, "what is clean stays");
    for (std::size_t limit : {0, 1, 7, 40}) {
      auto short_text = cli::cut(text, limit);
      require(cli::columns(short_text) <= limit, "a cut text fits");
      if (cli::columns(text) <= limit)
        require_equal(short_text, text, "what fits is not cut");
    }
  }
  auto wrapped = cli::wrap(input, 20, 4);
  std::string words{input};
  std::erase_if(words, [](char c) { return c == ' ' || c == '\n'; });
  std::erase_if(wrapped, [](char c) { return c == ' ' || c == '\n'; });
  require_equal(wrapped, words, "wrapping loses nothing");
}

} // namespace hearth::fuzz
