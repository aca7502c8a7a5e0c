#include "http/core/message.hpp"

#include <array>

namespace hearth::http {

std::string_view to_string(method verb) noexcept {
  constexpr std::array names{"GET",    "HEAD",    "POST", "PUT",
                             "DELETE", "OPTIONS", "other"};
  return names.at(static_cast<std::size_t>(verb));
}

void add_origin(response& answer, std::string_view origin, bool any) {
  answer.headers.emplace_back("Access-Control-Allow-Origin",
                              any ? "*" : origin);
  if (any)
    return;
  answer.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  answer.headers.emplace_back("Vary", "Origin");
}

void exchange::answer(response reply) {
  if (answered_.exchange(true))
    return;
  if (!in.origin.empty())
    add_origin(reply, in.origin, in.any_origin);
  send(std::move(reply));
}

} // namespace hearth::http
