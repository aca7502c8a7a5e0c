/// Files that an agent reads through the server, for it cannot see them itself.
#pragma once

#include <string>

#include "runtime/protocol/messages.hpp"

namespace hearth {

/// The answer to a request for a part of a file that cannot be had.
/// @param why for people
protocol::frame refusal_of(const protocol::read_file& x, std::string why);

} // namespace hearth
