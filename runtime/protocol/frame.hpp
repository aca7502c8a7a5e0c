/// The frames of the agent protocol, and how they become bytes. README.md
/// beside this file specifies the protocol.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hearth::protocol {

/// The largest length `N` of a frame, in bytes.
inline constexpr std::size_t max_frame = 16 * 1024 * 1024;

/// The largest header, in bytes.
inline constexpr std::size_t max_header = 1024 * 1024;

enum class kind : std::uint8_t {
  hello = 1,
  context_ready = 2,
  context_failed = 3,
  job_started = 4,
  job_refused = 5,
  job_progress = 6,
  log = 7,
  result_part = 8,
  job_ended = 9,
  agent_pong = 10,
  agent_ping = 11,
  stopping = 12,
  read_file = 13,
  welcome = 64,
  reject = 65,
  run_job = 66,
  kill_job = 67,
  stop = 68,
  server_ping = 69,
  server_pong = 70,
  credit = 71,
  job_stored = 72,
  file_block = 73
};

/// Returns the name of a kind in README.md, e.g. "run_job".
const char* name_of(kind x) noexcept;

struct frame {
  protocol::kind kind = kind::hello;
  std::string header; ///< JSON object
  std::string payload;
  /// Kept until the frame is handled; see runtime/link/read_budget.hpp. Null
  /// for frames that did not come over a connection.
  std::shared_ptr<const void> lease{};
};

/// A peer that does not follow the protocol.
class protocol_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Appends the frame's bytes to `out`.
/// @throws protocol_error if the frame is over a limit
void encode(const frame& x, std::string& out);

/// Appends the bytes of a frame without its payload.
/// @param payload the size of the payload
/// @throws protocol_error if the frame is over a limit
void encode_head(kind k, std::string_view header, std::size_t payload,
                 std::string& out);

/// Cuts a stream of bytes into frames. If its caller takes all frames out
/// before it feeds more bytes, it holds at most the bytes of one frame and of
/// the last `feed`. Memory that a large frame needed is freed once the frame is
/// taken.
class frame_reader {
public:
  /// Takes bytes from the connection.
  void feed(std::string_view bytes);

  /// Returns the next whole frame, if there is one.
  /// @throws protocol_error if a length is over a limit or a kind is unknown;
  ///         the connection has to be closed then
  std::optional<frame> next();

private:
  void release();

  std::string buffer_;
  std::size_t begin_ = 0; ///< first byte not yet given out
};

} // namespace hearth::protocol
