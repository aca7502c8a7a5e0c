// An agent's start file is read or refused; what was read can be written, and
// reads the same again.

#include "runtime/protocol/start_file.hpp"

#include "tests/fuzz/fuzz.hpp"

namespace hearth::fuzz {

void one(std::string_view input) {
  try {
    auto text = to_json(protocol::parse_start_file(input));
    require_equal(to_json(protocol::parse_start_file(text)), text,
                  "what was written reads the same");
  } catch (const protocol::protocol_error&) {
    // Refused.
  }
  try {
    auto text = protocol::to_json(protocol::parse_settings(input));
    require_equal(protocol::to_json(protocol::parse_settings(text)), text,
                  "settings that were written read the same");
  } catch (const protocol::protocol_error&) {
    // Refused.
  }
}

} // namespace hearth::fuzz
