#include "runtime/native/agent/text.hpp"

#include <cstdint>

namespace hearth::native {

namespace {

/// Bytes of the UTF-8 sequence at the beginning; 0 if there is none.
std::size_t sequence(std::string_view x) {
  auto first = static_cast<unsigned char>(x[0]);
  std::size_t size = first < 0x80                     ? 1
                     : first >= 0xc2 && first <= 0xdf ? 2
                     : (first & 0xf0) == 0xe0         ? 3
                     : first >= 0xf0 && first <= 0xf4 ? 4
                                                      : 0;
  if (size == 0 || size > x.size())
    return 0;
  std::uint32_t code = size == 1 ? first : first & (0xff >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    auto c = static_cast<unsigned char>(x[i]);
    if ((c & 0xc0) != 0x80)
      return 0;
    code = code << 6 | (c & 0x3f);
  }
  auto wrong = (size == 3 && (code < 0x800 || (code >> 11) == 0x1b))
               || (size == 4 && (code < 0x10000 || code > 0x10ffff));
  return wrong ? 0 : size;
}

} // namespace

std::string clean(std::string_view x) {
  std::string result;
  while (!x.empty() && result.size() < max_text) {
    auto n = sequence(x);
    if (n == 0)
      result += '?';
    else
      result.append(x.substr(0, n));
    x.remove_prefix(n == 0 ? 1 : n);
  }
  if (!x.empty())
    result += "…";
  return result;
}

} // namespace hearth::native
