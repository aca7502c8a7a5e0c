#include "http/wire/translate.hpp"

#include "http/core/reply.hpp"

namespace hearth::http {

namespace {

method method_of(restinio::http_method_id_t verb) noexcept {
  if (verb == restinio::http_method_get())
    return method::get;
  if (verb == restinio::http_method_head())
    return method::head;
  if (verb == restinio::http_method_post())
    return method::post;
  if (verb == restinio::http_method_put())
    return method::put;
  if (verb == restinio::http_method_delete())
    return method::delete_;
  if (verb == restinio::http_method_options())
    return method::options;
  return method::other;
}

} // namespace

request read_request(const restinio::request_handle_t& req) {
  using restinio::http_field;
  const auto& header = req->header();
  auto field = [&](auto name) -> std::string_view {
    const auto* value = header.try_get_field(name);
    return value ? std::string_view{*value} : std::string_view{};
  };
  request result;
  result.verb = method_of(header.method());
  result.raw_target = header.request_target();
  result.content_type = field(http_field::content_type);
  result.origin = field(http_field::origin);
  result.authorization = field(http_field::authorization);
  if (result.verb == method::post)
    result.idempotency_key = field("Idempotency-Key");
  if (result.verb == method::options)
    result.preflight_headers = field("Access-Control-Request-Headers");
  result.body = req->body();
  result.owner = req;
  result.shared_body = {req, &req->body()};
  return result;
}

restinio::http_status_line_t status_line(int status) {
  return {restinio::http_status_code_t{static_cast<std::uint16_t>(status)},
          reason_phrase(status)};
}

} // namespace hearth::http
