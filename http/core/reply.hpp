/// Makes the answers for success and for every error. Only this component knows
/// the HTTP status of each error.
#pragma once

#include <string>
#include <string_view>

#include <caf/error.hpp>

#include "actors/api/error.hpp"
#include "http/core/message.hpp"

namespace hearth::http {

/// The subject of a request, on which the headline of some errors depends.
enum class about : std::uint8_t { job, context };

/// Makes an answer of JSON with a status.
response with_json(std::string body, int status = 200);

/// Makes `{"status": "SUCCESS"}`, with `"result": text` if the text is not
/// empty.
response success(std::string_view text = {}, int status = 200);

/// Maps an error to status, headers and body.
response failure(ec code, const problem& reason, about what = about::job);

/// The same for an error of an actor.
response failure(const caf::error& error, about what = about::job);

/// Makes the answer for the exception that is being handled. A `bad_request`
/// and a `conf::parse_error` are the client's fault, all others are the
/// server's.
response failure_of_exception();

/// Makes the answer for an error of HTTP itself, which no actor knows: 404,
/// 405, 413, …
response http_failure(int status, std::string_view message);

/// An answer as it goes over the wire, for a connection that ends with it.
/// @param head to HEAD: without the body
std::string to_bytes(const response& answer, bool head);

/// Returns e.g. "Not Found".
const char* reason_phrase(int status) noexcept;

} // namespace hearth::http
