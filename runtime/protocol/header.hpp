/// Reads the JSON object of a frame's header straight into variables; no tree
/// is built. Internal to runtime/protocol.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "runtime/protocol/messages.hpp"

namespace hearth::protocol {

enum class need { required, optional };

/// A key of a header, the variable that takes its value, and thereby the type
/// that the value must have.
struct field {
  const char* key;
  std::variant<std::string*, std::int64_t*, std::uint64_t*, bool*,
               std::vector<std::string>*, std::vector<binary_ref>*>
    target;
  protocol::need need = need::required;
  bool seen = false;
};

enum class extent {
  whole,      ///< the whole header is checked
  until_found ///< reading stops once each field was seen
};

/// Reads the fields of a header.
/// @throws protocol_error that names `message` and the key
void read_header(const char* message, std::string_view header,
                 std::span<field> fields, extent how_far = extent::whole);

} // namespace hearth::protocol
