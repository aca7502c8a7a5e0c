/// Decides on a request by its head, before anything of its body is kept.
#pragma once

#include <optional>

#include "http/core/origin.hpp"
#include "http/core/request_head.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

/// The checks that need no actor, in this order: the name under which the
/// server was asked (421), the page that asks (403), the form of the body (415,
/// 417). A request whose body is still to come is also checked for its route
/// and its size (404, 405, 413), and its sender for the right to use it (401,
/// 403).
class head_check {
public:
  explicit head_check(const conf::http_settings& settings);

  struct verdict {
    std::optional<response> refused; ///< the answer; the connection closes
    std::size_t body_limit;          ///< bytes
    /// If there is one, the sender's password has to be checked (`ask_later`)
    /// before more is read.
    const route* asks = nullptr;
  };

  /// @param whole the body is here already: what is left to say about the
  ///        request is said by its route, and the connection may live on
  verdict examine(const route_env& e, const request_head& head,
                  bool whole) const;

  /// Lets the page that asks read that refusal, if it may read answers.
  void let_page_read(response& refused, const request_head& head) const;

private:
  std::optional<response> check_host(std::string_view authority) const;
  std::optional<response> check_page(const request_head& head,
                                     std::string_view authority) const;

  host_list hosts_;
  origin_list origins_;
};

} // namespace hearth::http
