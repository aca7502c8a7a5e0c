#include "runtime/protocol/frame.hpp"

namespace hearth::protocol {

namespace {

/// Kind and header length, which `N` counts too.
constexpr std::size_t fixed = 4;

/// A buffer that one large frame has blown up is given back above this.
constexpr std::size_t keep = 256 * 1024;

bool known(std::uint8_t k) noexcept {
  return (k >= static_cast<std::uint8_t>(kind::hello)
          && k <= static_cast<std::uint8_t>(kind::stopping))
         || (k >= static_cast<std::uint8_t>(kind::welcome)
             && k <= static_cast<std::uint8_t>(kind::job_stored));
}

void put(std::string& out, std::size_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i)
    out += static_cast<char>(value >> (8 * i) & 0xff);
}

std::size_t get(const char* at, int bytes) noexcept {
  std::size_t result = 0;
  for (int i = 0; i < bytes; ++i)
    result = result << 8 | static_cast<unsigned char>(at[i]);
  return result;
}

} // namespace

void encode(const frame& x, std::string& out) {
  auto size = fixed + x.header.size() + x.payload.size();
  if (x.header.size() > max_header)
    throw protocol_error("a header of " + std::to_string(x.header.size())
                         + " bytes is over the limit of "
                         + std::to_string(max_header));
  if (size > max_frame)
    throw protocol_error("a frame of " + std::to_string(size)
                         + " bytes is over the limit of "
                         + std::to_string(max_frame));
  out.reserve(out.size() + 4 + size);
  put(out, size, 4);
  put(out, static_cast<std::size_t>(x.kind), 1);
  put(out, x.header.size(), 3);
  out += x.header;
  out += x.payload;
}

void frame_reader::feed(std::string_view bytes) {
  if (begin_ == buffer_.size()) {
    buffer_.clear();
    begin_ = 0;
    if (buffer_.capacity() > keep)
      buffer_.shrink_to_fit();
  } else if (begin_ >= keep) {
    // Moved once per `keep` bytes given out, so each byte moves about once.
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

std::optional<frame> frame_reader::next() {
  auto there = buffer_.size() - begin_;
  if (there < 4 + fixed)
    return std::nullopt;
  auto at = buffer_.data() + begin_;
  auto size = get(at, 4);
  auto k = static_cast<std::uint8_t>(at[4]);
  auto header = get(at + 5, 3);
  if (size > max_frame || size < fixed)
    throw protocol_error("a frame announces " + std::to_string(size)
                         + " bytes; 4 to " + std::to_string(max_frame)
                         + " are allowed");
  if (header > max_header || header > size - fixed)
    throw protocol_error("a frame of " + std::to_string(size)
                         + " bytes announces a header of "
                         + std::to_string(header));
  if (!known(k))
    throw protocol_error("unknown kind of frame: " + std::to_string(k));
  if (there < 4 + size)
    return std::nullopt;
  frame result;
  result.kind = static_cast<kind>(k);
  result.header.assign(at + 4 + fixed, header);
  result.payload.assign(at + 4 + fixed + header, size - fixed - header);
  begin_ += 4 + size;
  return result;
}

} // namespace hearth::protocol
