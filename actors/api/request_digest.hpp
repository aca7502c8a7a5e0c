/// Digests that tell whether two requests with one Idempotency-Key are the
/// same. They are stored: what goes into them must not change.
#pragma once

#include <string>

#include "actors/api/messages.hpp"

namespace hearth {

/// Of all that makes a job what it is. How long its client waits does not.
std::string digest_of(const job_request& x);

std::string digest_of(const context_request& x);

} // namespace hearth
