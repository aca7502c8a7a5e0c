#include "store/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace hearth {

namespace {

using byte = unsigned char;

bool continues(byte x) noexcept {
  return (x & 0xc0) == 0x80;
}

/// The length of the character at `at`, 0 if it is none.
std::size_t character(const byte* at, std::size_t left) noexcept {
  auto x = at[0];
  if (x < 0x80)
    return x == 0 ? 0 : 1;
  std::size_t length = x >= 0xf0 ? 4 : x >= 0xe0 ? 3 : 2;
  if (x < 0xc2 || x > 0xf4 || length > left)
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!continues(at[i]))
      return 0;
  // Too long a form, a surrogate, beyond U+10FFFF.
  auto second = at[1];
  if ((x == 0xe0 && second < 0xa0) || (x == 0xed && second > 0x9f)
      || (x == 0xf0 && second < 0x90) || (x == 0xf4 && second > 0x8f))
    return 0;
  return length;
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
  auto* bytes = reinterpret_cast<const byte*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    auto n = text[i] == 0 ? 1 : character(bytes + i, text.size() - i);
    if (n == 0)
      return false;
    i += n;
  }
  return true;
}

void make_plain_utf8(std::string& text) noexcept {
  auto* bytes = reinterpret_cast<byte*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    auto n = character(bytes + i, text.size() - i);
    if (n == 0)
      bytes[i] = '?';
    i += std::max<std::size_t>(n, 1);
  }
}

} // namespace hearth
