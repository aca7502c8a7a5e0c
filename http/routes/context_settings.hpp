/// Reads the settings of contexts out of the requests that make contexts: those
/// for a context, and those for a job that gets a context of its own.
#pragma once

#include "actors/api/messages.hpp"
#include "base/setting.hpp"
#include "http/core/message.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// Returns the settings of a new context: those of the body, and those of the
/// query that the body does not have. A body has either a block
/// `spark.context-settings` or nothing but settings.
/// @throws bad_request if there are too many, the block is no object, or the
///         body has other keys beside the block; conf::parse_error
settings_map read_context_settings(const route_env& e, const request& in);

/// Adds the block `spark.context-settings` in the body of a job to the settings
/// that the query gave it. The block's win. All else in the body belongs to the
/// job.
/// @param job its configuration has been read
/// @throws bad_request if there are too many, or the block is no object;
///         conf::parse_error
void add_job_block(const route_env& e, const request& in, job_request& job);

} // namespace hearth::http
