/// Reads the settings of contexts out of the requests that make contexts: those
/// for a context, and those for a job that gets a context of its own.
#pragma once

#include <string_view>

#include "base/setting.hpp"
#include "http/core/message.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::http {

/// Returns the settings of a new context: those of the body, and those of the
/// query that the body does not have. A body has either a block
/// `spark.context-settings` or nothing but settings.
/// @throws bad_request if there are too many, or the body has other keys beside
///         the block; conf::parse_error
settings_map read_context_settings(const route_env& e, const request& in);

/// Adds the block `spark.context-settings` in the body of a job to the settings
/// of the query. The block's win. All else in the body belongs to the job.
/// @throws bad_request if there are too many; conf::parse_error
void add_job_block(const route_env& e, const request& in, settings_map& to);

/// Whether a parameter of a query is meant for a context, and not one that
/// nobody reads.
bool is_context_setting(std::string_view name);

} // namespace hearth::http
