/// Decides by the head of a request whether it is refused, before any byte of
/// its body is kept.
#pragma once

#include <optional>

#include "http/core/origin.hpp"
#include "http/core/request_head.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

/// Makes the checks that need no actor, in this order: the host name in the
/// request (421), the page that sent it (403), the form of the body (415, 417).
/// For a request whose body has not arrived yet, it also checks the route and
/// the size (404, 405, 413), and the permission of the sender (401, 403).
class head_check {
public:
  explicit head_check(const conf::http_settings& settings);

  struct verdict {
    std::optional<response>
      refused;              ///< the answer before the connection closes
    std::size_t body_limit; ///< bytes
    /// If this is not null, the sender's password has to be checked for that
    /// route (`ask_later`) before more is read.
    const route* asks = nullptr;
  };

  /// @param whole true if the body has arrived already; its route then makes
  ///        the other checks, and the connection can stay open
  verdict examine(const route_env& e, const request_head& head,
                  bool whole) const;

  /// Lets the page that sent a request read its refusal, if the page may read
  /// answers.
  void let_page_read(response& refused, const request_head& head) const;

private:
  std::optional<response> check_host(std::string_view authority) const;
  std::optional<response> check_page(const request_head& head,
                                     std::string_view authority) const;

  host_list hosts_;
  origin_list origins_;
};

} // namespace hearth::http
