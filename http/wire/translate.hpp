/// Converts RESTinio's requests to our own type, and our status codes to
/// RESTinio's status lines.
#pragma once

#include <restinio/request_handler.hpp>

#include "http/core/message.hpp"

namespace hearth::http {

/// Converts a request to the type that routes use. Its views point into
/// RESTinio's request, which it keeps alive.
request read_request(const restinio::request_handle_t& req);

restinio::http_status_line_t status_line(int status);

} // namespace hearth::http
