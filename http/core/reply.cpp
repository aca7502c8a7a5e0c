#include "http/core/reply.hpp"

#include <array>
#include <ctime>
#include <exception>

#include "conf/hocon.hpp"
#include "http/core/json.hpp"

namespace hearth::http {

namespace {

/// How an error looks: its status, and "status" in its body.
struct look {
  int status;
  const char* headline = "ERROR";
};

look look_of(ec code, about what) noexcept {
  switch (code) {
    case ec::bad_request:
    case ec::config_unparsable:
    case ec::context_name_invalid:
    case ec::context_exists:
    case ec::binary_malformed:
    case ec::wrong_context_kind:
      return {400};
    case ec::malformed_url:
      return {400, what == about::job ? "JOB LOADING FAILED: Malformed URL"
                                      : "CONTEXT INIT ERROR: Malformed URL"};
    case ec::job_loading_failed:
      return {400,
              what == about::job ? "JOB LOADING FAILED" : "CONTEXT INIT ERROR"};
    case ec::validation_failed:
      return {400, "VALIDATION FAILED"};
    case ec::binary_in_use:
      return {403};
    case ec::context_not_found:
    case ec::context_unknown:
    case ec::binary_not_found:
    case ec::binary_unknown:
    case ec::binary_not_there:
    case ec::data_not_found:
    case ec::job_not_found:
    case ec::job_not_running:
    case ec::class_not_found:
      return {404};
    case ec::context_stopping:
      return {409};
    case ec::binary_type_unsupported:
      return {415};
    case ec::key_reused:
      return {422};
    case ec::context_stop_pending:
      return {202, "SUCCESS"};
    case ec::context_init_failed:
      return {500, "CONTEXT INIT ERROR"};
    case ec::no_slots:
      return {503, "NO SLOTS AVAILABLE"};
    case ec::context_not_ready:
    case ec::overloaded:
    case ec::shutting_down:
    case ec::store_failed:
    case ec::outcome_unknown:
      return {503};
    case ec::deadline:
      return {504};
    case ec::storage_full:
      return {507};
    case ec::context_terminated:
    case ec::job_timeout:
    case ec::internal:
      break;
  }
  return {500};
}

} // namespace

response with_json(std::string body, int status) {
  response result;
  result.status = status;
  result.body = std::move(body);
  return result;
}

response success(std::string_view text, int status) {
  return with_json(json::status("SUCCESS", text), status);
}

response failure(ec code, const problem& reason, about what) {
  auto [status, headline] = look_of(code, what);
  auto timed_out = code == ec::job_timeout;
  auto result = with_json(
    json::failure(headline, reason, timed_out ? reason.subject : ""), status);
  if (timed_out)
    result.headers.emplace_back("X-Hearth-Job-Id", encode(reason.subject));
  if (status == 503)
    result.headers.emplace_back("Retry-After", "1");
  if (code == ec::context_stop_pending)
    result.headers.emplace_back("Location",
                                "/contexts/" + encode(reason.subject));
  return result;
}

response failure(const caf::error& error, about what) {
  return failure(code_of(error), problem_of(error), what);
}

response failure_of_exception() {
  try {
    throw;
  } catch (const bad_request& e) {
    return failure(ec::bad_request, {e.what(), {}, {}, {}});
  } catch (const missing_parameter& e) {
    return http_failure(404, e.what());
  } catch (const conf::parse_error& e) {
    return failure(
      ec::config_unparsable,
      {std::string{"Cannot parse config: "} + e.what(), {}, {}, {}});
  } catch (const std::exception& e) {
    return failure(ec::internal,
                   {std::string{"internal error: "} + e.what(), {}, {}, {}});
  } catch (...) {
    return failure(ec::internal, {"internal error", {}, {}, {}});
  }
}

response http_failure(int status, std::string_view message) {
  return with_json(json::failure("ERROR", {std::string{message}, {}, {}, {}}),
                   status);
}

std::string to_bytes(const response& answer, bool head) {
  auto now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> date{};
  std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  auto result
    = "HTTP/1.1 " + std::to_string(answer.status) + ' '
      + reason_phrase(answer.status) + "\r\nConnection: close\r\nServer: "
      + "Hearth/" HEARTH_VERSION "\r\nDate: " + date.data()
      + "\r\nContent-Type: " + std::string{answer.content_type}
      + "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
  for (const auto& [name, value] : answer.headers)
    result += name + ": " + value + "\r\n";
  result += "\r\n";
  return head ? result : result + answer.body;
}

const char* reason_phrase(int status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

} // namespace hearth::http
