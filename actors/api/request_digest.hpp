/// Computes digests of requests, which show whether two requests with the same
/// Idempotency-Key are the same request. The digests are stored, so the fields
/// that they cover, and their form, must never change.
#pragma once

#include <string>

#include "actors/api/messages.hpp"

namespace hearth {

/// Covers everything that a job depends on. How long its client waits is not
/// part of that.
std::string digest_of(const job_request& x);

/// Covers everything that a context depends on.
std::string digest_of(const context_request& x);

} // namespace hearth
