/// Recognizes texts that need no escaping in JSON, which most do not. Internal
/// to runtime/protocol.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace hearth::protocol {

constexpr std::uint64_t each(unsigned char x) noexcept {
  return 0x0101010101010101U * x;
}

/// Whether one of the eight bytes is less than `n`, up to 0x80, or has its
/// highest bit set. From "Bit Twiddling Hacks", S. E. Anderson.
constexpr bool has_less_or_high(std::uint64_t x, unsigned char n) noexcept {
  return (((x - each(n)) | x) & each(0x80)) != 0;
}

/// Whether the text is ASCII and JSON needs to escape nothing of it.
inline bool is_plain(std::string_view x) noexcept {
  constexpr std::size_t step = sizeof(std::uint64_t);
  if (x.size() < step)
    return std::all_of(x.begin(), x.end(), [](char c) {
      return c >= ' ' && c != '"' && c != '\\' && (c & 0x80) == 0;
    });
  auto plain_at = [&](std::size_t i) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, x.data() + i, step);
    return !has_less_or_high(eight, 0x20)
           && !has_less_or_high(eight ^ each('"'), 1)
           && !has_less_or_high(eight ^ each('\\'), 1);
  };
  for (std::size_t i = 0; i + step < x.size(); i += step)
    if (!plain_at(i))
      return false;
  return plain_at(x.size() - step);
}

} // namespace hearth::protocol
