/// Makes ids of contexts and jobs, and the secret tokens of contexts.
#pragma once

#include <string>
#include <string_view>

namespace hearth {

/// Makes a UUID of version 7 (RFC 9562) in lower case: the time, then 62 random
/// bits from the system's secure generator. Each UUID that this process makes
/// is greater than the one before, also as text, even if the clock is set back.
/// So a database's index of ids grows only at its end, which is fast.
std::string make_uuid();

/// Makes a secret: 32 bytes from the system's secure generator, in hex.
std::string make_token();

/// Whether two secrets are equal. The time that this takes does not depend on
/// where they differ, so an attacker learns nothing from it.
bool same_secret(std::string_view left, std::string_view right) noexcept;

} // namespace hearth
