/// Ids, tokens and the time of day.
#pragma once

#include <string>
#include <string_view>

#include "store/records.hpp"

namespace hearth {

/// A random UUID (version 4, RFC 4122), lower case.
std::string make_uuid();

/// 32 bytes from the system's secure generator, in hex.
std::string make_token();

/// Compares in a time that does not depend on where the two differ.
bool same_secret(std::string_view x, std::string_view y) noexcept;

/// Milliseconds since the epoch.
millis now_ms() noexcept;

} // namespace hearth
