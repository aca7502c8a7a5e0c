#include "http/routes/head_check.hpp"

#include "http/core/media.hpp"
#include "http/core/reply.hpp"
#include "http/routes/doorkeeper.hpp"

namespace hearth::http {

namespace {

bool changes_something(const request_head& head) noexcept {
  return head.verb != method::get && head.verb != method::head
         && head.verb != method::options;
}

std::optional<response> check_form(const request_head& head) {
  if (!head.content_encoding.empty() && head.content_encoding != "identity") {
    auto result = http_failure(
      415, "a body has to be sent as it is, without a Content-Encoding");
    result.headers.emplace_back("Accept-Encoding", "identity");
    return result;
  }
  if (head.has_body() && media_type(head.content_type) == "multipart/form-data")
    return http_failure(
      415,
      "the body itself has to be the file or the configuration, not a form "
      "that holds it: with curl, --data-binary @FILE instead of -F");
  if (!head.expect.empty() && head.expect != "100-continue"
      && head.expect != "100-Continue")
    return http_failure(417, "the only Expect that is known is 100-continue");
  return std::nullopt;
}

} // namespace

head_check::head_check(const conf::http_settings& settings)
  : hosts_(settings.address, settings.allowed_hosts),
    origins_(settings.allowed_origins) {}

std::optional<response>
head_check::check_host(std::string_view authority) const {
  if (hosts_.admits(authority))
    return std::nullopt;
  return http_failure(421, "this server does not answer to that Host; "
                           "hearth.http.allowed-hosts can name it");
}

std::optional<response>
head_check::check_page(const request_head& head,
                       std::string_view authority) const {
  if (!changes_something(head))
    return std::nullopt;
  switch (origins_.of(head.origin, authority, head.fetch_site)) {
    case page::none:
    case page::own:
    case page::listed:
      return std::nullopt;
    case page::any:
      if (head.authorization.empty())
        return std::nullopt;
      return http_failure(403, "a page of another origin may not use stored "
                               "credentials; hearth.http.allowed-origins has "
                               "to name the origin, \"*\" is not enough");
    case page::foreign:
      break;
  }
  return http_failure(403, "a page of another origin may not change anything "
                           "here; hearth.http.allowed-origins can name it");
}

void head_check::let_page_read(response& refused,
                               const request_head& head) const {
  auto from = origins_.of(head.origin, {});
  if (!head.origin.empty() && (from == page::listed || from == page::any))
    add_origin(refused, head.origin, from == page::any);
}

head_check::verdict head_check::examine(const route_env& e,
                                        const request_head& head,
                                        bool whole) const {
  auto authority = split_target(head.target).authority;
  if (authority.empty())
    authority = head.host;
  // Only HTTP/1.0 gets here without any.
  if (!authority.empty() || !head.old) {
    if (auto refused = check_host(authority))
      return {std::move(refused), 0};
  }
  if (auto refused = check_page(head, authority))
    return {std::move(refused), 0};
  if (auto refused = check_form(head))
    return {std::move(refused), 0};
  if (whole)
    return {std::nullopt, e.settings.max_upload};
  auto found = http::examine(e, head);
  if (found.refused)
    return {std::move(found.refused), 0};
  auto answer = ask_at_once(e, head.authorization, *found.to);
  if (answer.refused)
    let_page_read(*answer.refused, head);
  return {std::move(answer.refused), found.body_limit,
          answer.known ? nullptr : found.to};
}

} // namespace hearth::http
