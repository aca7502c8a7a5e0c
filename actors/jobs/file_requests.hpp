/// Answers an agent's requests for parts of files that it cannot see itself,
/// because it runs on another machine.
#pragma once

#include <memory>
#include <string>

#include "runtime/protocol/messages.hpp"

namespace hearth {

/// Makes the answer for a part of a file that cannot be read.
/// @param reason a text for people
/// @param lease of the request
protocol::frame refusal_of(const protocol::read_file& request,
                           std::string reason,
                           std::shared_ptr<const void> lease);

} // namespace hearth
