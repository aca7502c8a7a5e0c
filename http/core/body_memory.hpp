/// How the memory of a body grows while it comes.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

namespace hearth::http {

/// Makes room for the next bytes of a body. To double it each time would copy
/// half of a large body in one go, while everybody waits; to reserve what a
/// client announces would let it take memory with nothing but a number. So it
/// grows in a few steps, each when the bytes of the one before have come.
/// @param next  how many bytes come now
/// @param whole what the body may have in the end
inline void make_room(std::string& body, std::size_t next,
                      std::uint64_t whole) {
  constexpr std::array<std::uint64_t, 3> steps{64 << 10, 2 << 20, 64 << 20};
  auto needed = body.size() + next;
  if (needed <= body.capacity())
    return;
  for (auto step : steps)
    if (needed <= step) {
      whole = std::min(whole, step);
      break;
    }
  try {
    body.reserve(std::max<std::uint64_t>(needed, whole));
  } catch (const std::exception&) { // bad_alloc, length_error
    // There may be room for what has come, if not for what is to come.
  }
}

} // namespace hearth::http
