/// What waits to be written to an agent. Internal to runtime/link.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "base/shared_text.hpp"
#include "runtime/protocol/frame.hpp"

namespace hearth::link {

/// The bytes of frames, in their order. Small ones lie in one piece of memory
/// and are written together. A large payload stays where it is: to copy
/// megabytes takes milliseconds. Not thread-safe.
class output_queue {
public:
  /// Adds a frame. Its payload is `payload`, or its own if that is empty.
  /// @throws protocol_error if it is over a limit; nothing is added then
  void add(protocol::frame&& x, shared_text&& payload);

  std::size_t size() const noexcept {
    return size_;
  }

  /// The first bytes, as many as lie together. There has to be a byte.
  std::string_view front() const noexcept;

  /// Removes so many bytes of `front()`.
  void drop(std::size_t n);

  void clear();

private:
  /// Bytes of frames, or one payload.
  struct piece {
    std::string bytes;
    shared_text payload; ///< not empty: there are no bytes

    std::string_view view() const noexcept {
      return payload.empty() ? bytes : payload.text();
    }
  };

  std::string& last_bytes();
  void drop_first();

  std::deque<piece> pieces_;
  std::size_t begin_ = 0; ///< of what is left of the first piece
  std::size_t size_ = 0;  ///< bytes
};

} // namespace hearth::link
