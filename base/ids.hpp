/// Ids and secret tokens.
#pragma once

#include <string>
#include <string_view>

namespace hearth {

/// A UUID of version 7 (RFC 9562), lower case: the time, then 62 random bits
/// from the system's secure generator. Within the process each is greater than
/// the one before, as text too, whatever the clock does: a database's index of
/// ids then grows at its end.
std::string make_uuid();

/// 32 bytes from the system's secure generator, in hex.
std::string make_token();

/// Compares in a time that does not depend on where the two differ.
bool same_secret(std::string_view x, std::string_view y) noexcept;

} // namespace hearth
