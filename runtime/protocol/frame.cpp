#include "runtime/protocol/frame.hpp"

#include <utility>

namespace hearth::protocol {

namespace {

/// Bytes before the header: N, kind and H.
constexpr std::size_t prefix_size = 8;

/// How many of these bytes N counts.
constexpr std::size_t counted_prefix = 4;

/// A reader keeps at most this much memory that it does not need.
constexpr std::size_t spare_capacity = 256 * 1024;

std::size_t read_number(const char* bytes, std::size_t width) {
  std::size_t result = 0;
  for (std::size_t i = 0; i < width; ++i)
    result = result << 8 | static_cast<unsigned char>(bytes[i]);
  return result;
}

void append_number(std::string& out, std::size_t x, int width) {
  for (auto shift = 8 * (width - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(x >> shift & 0xff));
}

bool is_known(std::uint8_t x) {
  return (x >= static_cast<std::uint8_t>(kind::hello)
          && x <= static_cast<std::uint8_t>(kind::read_file))
         || (x >= static_cast<std::uint8_t>(kind::welcome)
             && x <= static_cast<std::uint8_t>(kind::file_block));
}

[[noreturn]] void fail(const char* what, std::size_t is, std::size_t limit) {
  throw protocol_error(std::string(what) + " of " + std::to_string(is)
                       + " bytes, the limit is " + std::to_string(limit));
}

} // namespace

const char* name_of(kind x) noexcept {
  switch (x) {
    case kind::hello:
      return "hello";
    case kind::context_ready:
      return "context_ready";
    case kind::context_failed:
      return "context_failed";
    case kind::job_started:
      return "job_started";
    case kind::job_refused:
      return "job_refused";
    case kind::job_progress:
      return "job_progress";
    case kind::log:
      return "log";
    case kind::result_part:
      return "result_part";
    case kind::job_ended:
      return "job_ended";
    case kind::agent_pong:
    case kind::server_pong:
      return "pong";
    case kind::agent_ping:
    case kind::server_ping:
      return "ping";
    case kind::stopping:
      return "stopping";
    case kind::read_file:
      return "read_file";
    case kind::welcome:
      return "welcome";
    case kind::reject:
      return "reject";
    case kind::run_job:
      return "run_job";
    case kind::kill_job:
      return "kill_job";
    case kind::stop:
      return "stop";
    case kind::credit:
      return "credit";
    case kind::job_stored:
      return "job_stored";
    case kind::file_block:
      return "file_block";
  }
  return "unknown";
}

void encode_head(kind k, std::string_view header, std::size_t payload,
                 std::string& out) {
  if (header.size() > max_header)
    fail("header", header.size(), max_header);
  if (payload > max_frame - counted_prefix - header.size())
    fail("payload", payload, max_frame - counted_prefix - header.size());
  append_number(out, counted_prefix + header.size() + payload, 4);
  out.push_back(static_cast<char>(k));
  append_number(out, header.size(), 3);
  out.append(header);
}

void encode(const frame& x, std::string& out) {
  encode_head(x.kind, x.header, x.payload.size(), out);
  out.append(x.payload);
}

void frame_reader::feed(std::string_view bytes) {
  // Moves no byte before as many were given out: linear over the stream.
  if (begin_ > 0 && begin_ >= buffer_.size() - begin_) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  buffer_.append(bytes);
}

std::optional<frame> frame_reader::next() {
  // An error is reported as soon as it can be seen, before more bytes are
  // buffered.
  const auto* bytes = buffer_.data() + begin_;
  auto available = buffer_.size() - begin_;
  if (available < counted_prefix)
    return std::nullopt;
  auto length = read_number(bytes, 4);
  if (length < counted_prefix)
    throw protocol_error("frame length " + std::to_string(length) + " is below "
                         + std::to_string(counted_prefix));
  if (length > max_frame)
    fail("frame", length, max_frame);
  if (available > 4 && !is_known(static_cast<std::uint8_t>(bytes[4])))
    throw protocol_error("unknown frame kind "
                         + std::to_string(static_cast<std::uint8_t>(bytes[4])));
  if (available < prefix_size)
    return std::nullopt;
  auto header = read_number(bytes + 5, 3);
  if (header > max_header)
    fail("header", header, max_header);
  if (header > length - counted_prefix)
    fail("header", header, length - counted_prefix);
  if (available < 4 + length)
    return std::nullopt;
  frame result{static_cast<kind>(bytes[4]),
               std::string(bytes + prefix_size, header),
               std::string(bytes + prefix_size + header,
                           length - counted_prefix - header)};
  begin_ += 4 + length;
  release();
  return result;
}

void frame_reader::release() {
  auto left = buffer_.size() - begin_;
  if (buffer_.capacity() > spare_capacity && left <= buffer_.capacity() / 4) {
    buffer_ = std::string(buffer_, begin_);
    begin_ = 0;
  } else if (left == 0) {
    buffer_.clear();
    begin_ = 0;
  }
}

} // namespace hearth::protocol
