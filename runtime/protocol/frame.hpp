/// Frames of the agent protocol; README.md beside this file is its text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hearth::protocol {

/// Largest `N` of a frame, bytes.
inline constexpr std::size_t max_frame = 16 * 1024 * 1024;

/// Largest header, bytes.
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

/// As README.md calls it, e.g. "run_job".
const char* name_of(kind x) noexcept;

struct frame {
  protocol::kind kind = kind::hello;
  std::string header; ///< JSON object
  std::string payload;
  /// Held for as long as the frame is not handled; see runtime/link. Null for
  /// frames that came over no connection.
  std::shared_ptr<const void> lease{};
};

/// A peer that does not follow the protocol.
class protocol_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Appends the frame's bytes to `out`.
/// @throws protocol_error if it is over a limit
void encode(const frame& x, std::string& out);

/// Appends all of a frame but its payload, of which only the size is known.
/// @throws protocol_error if the frame is over a limit
void encode_head(kind k, std::string_view header, std::size_t payload,
                 std::string& out);

/// Cuts a stream of bytes into frames. Whoever takes all frames out before
/// feeding more makes it hold at most one frame's bytes plus what was fed with
/// it. Memory that a large frame needed is given back once it is out.
class frame_reader {
public:
  /// Takes bytes from the connection.
  void feed(std::string_view bytes);

  /// The next whole frame, if there is one.
  /// @throws protocol_error on a length over a limit or an unknown kind; the
  ///         connection is then of no more use
  std::optional<frame> next();

private:
  void release();

  std::string buffer_;
  std::size_t begin_ = 0; ///< first byte not yet given out
};

} // namespace hearth::protocol
