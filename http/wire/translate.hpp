/// RESTinio's requests and status lines from and to our own types.
#pragma once

#include <restinio/request_handler.hpp>

#include "http/core/message.hpp"

namespace hearth::http {

/// The request as routes see it. Its views point into RESTinio's request, which
/// it keeps alive.
request read_request(const restinio::request_handle_t& req);

restinio::http_status_line_t status_line(int status);

} // namespace hearth::http
