// Any header is read or refused by every message; what was read can be written,
// and reads the same again.

#include "runtime/protocol/messages.hpp"

#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

namespace {

using protocol::frame;

/// @param read a function that parses a frame
/// @param write one that makes a frame of what was read
template <class Read, class Write>
void check(const frame& x, Read read, Write write) {
  frame first;
  try {
    first = write(read(x));
  } catch (const protocol::protocol_error&) {
    return;
  }
  require(is_json(first.header), "a header is JSON");
  auto second = write(read(first));
  require_equal(first.header, second.header, "what was written reads the same");
}

} // namespace

void one(std::string_view input) {
  frame x{protocol::kind::hello, std::string{input}, {}};
  auto same = [](const auto& m) { return to_frame(m); };
  check(x, protocol::parse_hello, same);
  check(x, protocol::parse_context_ready, same);
  check(x, protocol::parse_context_failed, protocol::context_failed_frame);
  check(x, protocol::parse_job_refused, same);
  check(x, protocol::parse_job_ended,
        [](const auto& m) { return to_frame(m, {}); });
  check(x, protocol::parse_job_progress, same);
  check(x, protocol::parse_log, same);
  check(x, protocol::parse_welcome,
        [](const auto& m) { return protocol::welcome_frame(m.heartbeat_ms); });
  check(x, protocol::parse_reject, protocol::reject_frame);
  check(x, protocol::parse_run_job,
        [](const auto& m) { return to_frame(m, {}); });
  check(x, protocol::parse_stop, protocol::stop_frame);
  check(x, protocol::parse_credit,
        [](const auto& m) { return protocol::credit_frame(m.job, m.bytes); });
  check(x, protocol::parse_seq, [](std::uint64_t seq) {
    return protocol::seq_frame(protocol::kind::agent_ping, seq);
  });
  // It reads no further than the key, so the text that it found may be wrong.
  check(x, protocol::parse_job, protocol::kill_job_frame);
}

} // namespace hearth::fuzz
