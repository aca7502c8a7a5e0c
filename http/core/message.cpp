#include "http/core/message.hpp"

#include <array>

namespace hearth::http {

std::string_view to_string(method x) noexcept {
  constexpr std::array names{"GET",    "HEAD",    "POST", "PUT",
                             "DELETE", "OPTIONS", "other"};
  return names.at(static_cast<std::size_t>(x));
}

void add_origin(response& x, std::string_view origin, bool any) {
  x.headers.emplace_back("Access-Control-Allow-Origin", any ? "*" : origin);
  if (any)
    return;
  x.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  x.headers.emplace_back("Vary", "Origin");
}

void exchange::answer(response x) {
  if (answered_.exchange(true))
    return;
  if (!in.origin.empty())
    add_origin(x, in.origin, in.any_origin);
  send(std::move(x));
}

} // namespace hearth::http
