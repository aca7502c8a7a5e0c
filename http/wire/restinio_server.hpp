/// The changes that this server makes to RESTinio: how connections are
/// accepted, how they are read, and what the parser keeps. Only server.cpp
/// includes this.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>

#include <asio/steady_timer.hpp>
#include <restinio/http_server.hpp>

#include "base/loop_watch.hpp"
#include "http/core/body_memory.hpp"
#include "http/wire/connections.hpp"
#include "http/wire/descriptors.hpp"
#include "http/wire/exchanges.hpp"
#include "http/wire/guarded_socket.hpp"
#include "http/wire/request_filter.hpp"

namespace hearth::http {

/// Refuses connections before RESTinio makes objects for them.
struct accept_filter {
  descriptor_gate descriptors;
  std::shared_ptr<connection_table> table;
  std::shared_ptr<intake_env> env;

  /// RESTinio requires this function, but nothing calls it; see the holder
  /// below.
  restinio::ip_blocker::inspection_result_t
  inspect(const restinio::ip_blocker::incoming_info_t&) const noexcept {
    return restinio::ip_blocker::deny();
  }

  bool admits(guarded_socket& socket) const {
    asio::error_code gone;
    auto client = socket.lowest_layer().remote_endpoint(gone);
    if (gone || !descriptors.admits() || !table->admits(client.address()))
      return false;
    auto fd = socket.lowest_layer().native_handle();
    table->accepted(fd, client, socket.guard(env));
    return true;
  }
};

struct filter_handler {
  std::shared_ptr<request_filter> to;

  restinio::request_handling_status_t
  operator()(const restinio::request_handle_t& req) const {
    return to->handle(req);
  }
};

/// Tells streams that their client is gone. A stream that has nothing to write
/// would not notice it.
struct connection_watch {
  std::weak_ptr<exchanges> to;
  std::shared_ptr<connection_table> table;

  void
  state_changed(const restinio::connection_state::notice_t& notice) noexcept {
    namespace state = restinio::connection_state;
    if (std::holds_alternative<state::accepted_t>(notice.cause()))
      table->opened(notice.connection_id(), notice.remote_endpoint(),
                    connection_table::clock::now());
    if (!std::holds_alternative<state::closed_t>(notice.cause()))
      return;
    table->closed(notice.connection_id());
    if (auto strong = to.lock())
      strong->connection_closed(notice.connection_id());
  }
};

/// Selects the parser callbacks below.
struct parsed_methods : restinio::default_http_methods_t {};

struct traits : restinio::traits_t<restinio::asio_timer_manager_t,
                                   restinio::null_logger_t, filter_handler,
                                   restinio::noop_strand_t, guarded_socket> {
  using ip_blocker_t = accept_filter;
  using connection_state_listener_t = connection_watch;
  using http_methods_mapper_t = parsed_methods;
};

using restinio_server = restinio::http_server_t<traits>;

/// The pause after a failed accept, until there may be descriptors or memory
/// again.
constexpr std::chrono::milliseconds accept_pause{50};

} // namespace hearth::http

namespace restinio::impl {

namespace acceptor_details {

/// Replaces RESTinio's own holder, which asks the socket for its peer in a
/// noexcept function. A client that resets at that very moment would end the
/// process.
template <>
struct ip_blocker_holder_t<hearth::http::accept_filter> {
  std::shared_ptr<hearth::http::accept_filter> gate;

  template <class Settings>
  explicit ip_blocker_holder_t(const Settings& settings)
    : gate(settings.ip_blocker()) {}

  ip_blocker::inspection_result_t
  inspect_incoming(hearth::http::guarded_socket& socket) const noexcept {
    return gate->admits(socket) ? ip_blocker::allow() : ip_blocker::deny();
  }
};

} // namespace acceptor_details

/// Replaces RESTinio's own function, which never accepts again after an error,
/// even if only a descriptor was missing for a moment. There is one call for
/// each accept that is under way, so each of them has to try again.
template <>
inline void
acceptor_t<hearth::http::traits>::call_accept_now(std::size_t index) noexcept {
  m_acceptor.async_accept(
    socket(index).lowest_layer(),
    [index, self = shared_from_this()](const asio::error_code& error) {
      hearth::name_work("accepting a connection");
      if (!error)
        return self->accept_current_connection(index, error);
      if (!self->m_acceptor.is_open())
        return;
      auto timer = std::make_shared<asio::steady_timer>(
        self->m_acceptor.get_executor(), hearth::http::accept_pause);
      timer->async_wait([index, self, timer](const asio::error_code&) {
        hearth::name_work("accepting a connection");
        if (self->m_acceptor.is_open())
          self->accept_next(index);
      });
    });
}

/// RESTinio reserves the memory of an announced length at once, and notes each
/// chunk, which takes more memory than a small one's bytes. Here a body grows
/// as `make_room` says, and its chunks are not noted, since nobody asks for
/// them. The version of HTTP is kept because the answer depends on it.
template <>
inline http_parser_settings
create_parser_settings<hearth::http::parsed_methods>() noexcept {
  http_parser_settings result;
  http_parser_settings_init(&result);
  result.on_url = restinio_url_cb;
  result.on_header_field = restinio_header_field_cb;
  result.on_header_value = restinio_header_value_cb;
  result.on_headers_complete = [](http_parser* parser) {
    auto& context = *static_cast<http_parser_ctx_t*>(parser->data);
    context.m_leading_headers_completed = true;
    context.m_header.http_minor(parser->http_minor);
    return 0;
  };
  result.on_body = [](http_parser* parser, const char* at, std::size_t n) {
    auto& context = *static_cast<http_parser_ctx_t*>(parser->data);
    auto limit = context.m_limits.max_body_size();
    auto& body = context.m_body;
    auto chunked = (parser->flags & F_CHUNKED) != 0;
    auto rest = std::min<std::uint64_t>(parser->content_length, limit);
    hearth::http::make_room(
      body, n, chunked ? limit : std::min(body.size() + n + rest, limit));
    return restinio_body_cb(parser, at, n);
  };
  result.on_message_complete
    = restinio_message_complete_cb<hearth::http::parsed_methods>;
  return result;
}

} // namespace restinio::impl
