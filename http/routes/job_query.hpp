/// Reads what `POST /jobs` asks for.
#pragma once

#include "actors/api/messages.hpp"
#include "http/core/message.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// All that the query says. The body is not looked at.
/// @throws bad_request
job_request read_job_query(const route_env& e, const request& in);

/// Adds what the body says: the configuration, and the class and its binaries
/// where the query does not name them. A large body takes long.
/// @throws bad_request, conf::parse_error
void read_job_body(const route_env& e, const request& in, job_request& job);

} // namespace hearth::http
