/// Answers: of success, and of every way to fail. The only place that knows
/// which status an error has.
#pragma once

#include <string>
#include <string_view>

#include <caf/error.hpp>

#include "actors/api/error.hpp"
#include "http/core/message.hpp"

namespace hearth::http {

/// What a request was about, where an error's headline depends on it.
enum class about : std::uint8_t { job, context };

/// JSON with a status.
response with_json(std::string body, int status = 200);

/// `{"status": "SUCCESS"}`, with `"result": text` if there is one.
response success(std::string_view text = {}, int status = 200);

/// Maps an error to status, headers and body.
response failure(ec code, const problem& why, about what = about::job);

/// The same for an error of an actor.
response failure(const caf::error& x, about what = about::job);

/// The same for the exception that is being handled: a `bad_request` and a
/// `conf::parse_error` are the client's fault, all others ours.
response failure_of_exception();

/// An error of HTTP itself, which no actor knows: 404, 405, 413, …
response http_failure(int status, std::string_view message);

/// An answer as it goes over the wire, for a connection that ends with it.
/// @param head to HEAD: without the body
std::string to_bytes(const response& x, bool head);

/// E.g. "Not Found".
const char* reason_phrase(int status) noexcept;

} // namespace hearth::http
