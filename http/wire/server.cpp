#include "http/wire/server.hpp"

#include <asio/steady_timer.hpp>
#include <restinio/http_server.hpp>

#include "http/core/admission.hpp"
#include "http/core/reply.hpp"
#include "http/routes/table.hpp"
#include "http/wire/connections.hpp"
#include "http/wire/descriptors.hpp"
#include "http/wire/exchanges.hpp"

namespace hearth::http {

namespace {

/// Turns connections away before they are made.
struct accept_filter {
  descriptor_gate descriptors;
  std::shared_ptr<connection_table> table;

  /// RESTinio wants there to be one; its caller is below.
  restinio::ip_blocker::inspection_result_t
  inspect(const restinio::ip_blocker::incoming_info_t&) const noexcept {
    return restinio::ip_blocker::deny();
  }

  template <class Socket>
  bool admits(Socket& socket) const {
    asio::error_code gone;
    auto client = socket.remote_endpoint(gone);
    if (gone || !descriptors.admits() || !table->admits(client.address()))
      return false;
    table->accepted(socket.native_handle(), client);
    return true;
  }
};

} // namespace

} // namespace hearth::http

namespace restinio::impl::acceptor_details {

/// RESTinio's own holder asks the socket for its peer in a noexcept function:
/// a client that resets in that very moment would end the process.
template <>
struct ip_blocker_holder_t<hearth::http::accept_filter> {
  std::shared_ptr<hearth::http::accept_filter> gate;

  template <class Settings>
  explicit ip_blocker_holder_t(const Settings& settings)
    : gate(settings.ip_blocker()) {}

  template <class Socket>
  ip_blocker::inspection_result_t inspect_incoming(Socket& x) const noexcept {
    return gate->admits(x.lowest_layer()) ? ip_blocker::allow()
                                          : ip_blocker::deny();
  }
};

} // namespace restinio::impl::acceptor_details

namespace hearth::http {

namespace {

/// Of new connections, for each time that the others are looked at. With one,
/// a flood on a thousand connections keeps the next thousand, and whoever asks
/// for /healthz, waiting for seconds.
constexpr std::size_t accepts_at_once = 32;

/// Our limits and what RESTinio's parser lets through; routes do the rest.
class request_filter {
public:
  request_filter(route_env e, std::shared_ptr<exchanges> t)
    : env_(std::move(e)), exchanges_(std::move(t)) {
    env_.helpers = std::make_shared<workers>();
  }

  /// Drop what the helpers have not begun; nobody waits for it any more.
  void stop_helpers() {
    env_.helpers->close();
  }

  /// Refuse what comes in from now on.
  void stop() noexcept {
    stopping_ = true;
  }

  /// Let go of all actors; connections may still be there.
  void detach() {
    detached_ = true;
    stop_helpers();
    env_.actors = {};
    env_.pool->close();
    exchanges_->detach();
  }

  restinio::request_handling_status_t
  handle(const restinio::request_handle_t& req) {
    if (detached_)
      return restinio::request_rejected();
    exchanges::in_handler here{*exchanges_};
    auto busy = env_.load->is_busy(admission::clock::now());
    auto x = exchanges_->admit(req);
    if (busy && !is_health(x->in))
      x->answer(busy_);
    else if (auto refused = check(req->header(), *x))
      x->answer(std::move(*refused));
    else
      dispatch(env_, x);
    return restinio::request_accepted();
  }

private:
  /// The answer to a request that gets no further.
  std::optional<response> check(const restinio::http_request_header_t& header,
                                const exchange& x) const {
    if (stopping_)
      return failure(ec::shutting_down,
                     {"the server is shutting down", {}, {}, {}});
    const auto& limits = env_.settings;
    if (x.in.raw_target.size() > limits.max_url)
      return http_failure(414, "the URL is longer than "
                                 + std::to_string(limits.max_url) + " bytes");
    if (exchanges_->bytes() > limits.upload_budget)
      return failure(ec::overloaded,
                     {"too many bytes are being uploaded at once", {}, {}, {}});
    return check_headers(header, limits.max_header);
  }

  static std::optional<response>
  check_headers(const restinio::http_request_header_t& header,
                std::size_t limit) {
    std::size_t hosts = 0;
    std::size_t bytes = 0;
    auto chunked = true;
    header.for_each_field([&](const auto& field) {
      bytes += field.name().size() + field.value().size() + 4;
      if (field.field_id() == restinio::http_field::host)
        ++hosts;
      else if (field.field_id() == restinio::http_field::transfer_encoding)
        chunked = is_chunked(field.value());
    });
    // RESTinio keeps the version to itself; a connection that lives on without
    // being asked to tells HTTP/1.1, where Host is a must.
    auto needs_host
      = header.should_keep_alive() && !header.has_field("Connection");
    if (hosts > 1 || (hosts == 0 && needs_host))
      return closing(http_failure(400, "there must be one Host header"));
    if (!chunked)
      return closing(
        http_failure(400, "the Transfer-Encoding must be chunked or absent"));
    if (bytes > limit)
      return http_failure(431, "the headers are larger than "
                                 + std::to_string(limit) + " bytes");
    return std::nullopt;
  }

  /// Who looks after a server under load has to see that it lives.
  static bool is_health(const request& in) noexcept {
    constexpr std::string_view path = "/healthz";
    auto target = in.raw_target;
    return target.starts_with(path)
           && (target.size() == path.size() || target[path.size()] == '?');
  }

  static bool is_chunked(std::string_view encoding) noexcept {
    constexpr std::string_view chunked = "chunked";
    return std::equal(encoding.begin(), encoding.end(), chunked.begin(),
                      chunked.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  }

  static response closing(response x) {
    x.close = true;
    return x;
  }

  route_env env_;
  std::shared_ptr<exchanges> exchanges_;
  /// Made once: it has to cost next to nothing.
  const response busy_ = failure(
    ec::overloaded, {"too many requests are being worked on", {}, {}, {}});
  bool stopping_ = false;
  bool detached_ = false;
};

struct filter_handler {
  std::shared_ptr<request_filter> to;

  restinio::request_handling_status_t
  operator()(const restinio::request_handle_t& req) const {
    return to->handle(req);
  }
};

/// Tells who streams that a client is gone: a stream with nothing to write
/// would not notice.
struct connection_watch {
  std::weak_ptr<exchanges> to;
  std::shared_ptr<connection_table> table;

  void state_changed(const restinio::connection_state::notice_t& x) noexcept {
    namespace state = restinio::connection_state;
    if (std::holds_alternative<state::accepted_t>(x.cause()))
      table->opened(x.connection_id(), x.remote_endpoint(),
                    connection_table::clock::now());
    if (!std::holds_alternative<state::closed_t>(x.cause()))
      return;
    table->closed(x.connection_id());
    if (auto strong = to.lock())
      strong->connection_closed(x.connection_id());
  }
};

struct traits
  : restinio::single_thread_traits_t<restinio::asio_timer_manager_t,
                                     restinio::null_logger_t, filter_handler> {
  using ip_blocker_t = accept_filter;
  using connection_state_listener_t = connection_watch;
};

using restinio_server = restinio::http_server_t<traits>;

/// After the deadline, for the last answers to be written.
constexpr milliseconds last_grace{1000};

} // namespace

class server::impl : public std::enable_shared_from_this<impl> {
public:
  impl(asio::io_context& io, route_env e)
    : settings(e.settings), wait(e.wait),
      connections(std::make_shared<connection_table>(connection_table::limits{
        {settings.idle_timeout, settings.min_receive_rate},
        settings.max_client_connections})),
      under_way(std::make_shared<exchanges>(io, e.load, connections)),
      filter(std::make_shared<request_filter>(std::move(e), under_way)), io(io),
      timer(io), sweep_timer(io) {}

  void listen(const asio::ip::address& address) {
    listener = std::make_unique<restinio_server>(
      restinio::external_io_context(io),
      [&](auto& to) { configure(to, address); });
    listener->open_sync();
    sweep_later();
  }

  void stop(milliseconds deadline, std::function<void()> on_drained) {
    filter->stop();
    if (listener)
      listener->close_sync();
    under_way->drain([self = shared_from_this(), on_drained] {
      self->timer.cancel();
      on_drained();
    });
    after(deadline, [this] { give_up(); });
  }

  conf::http_settings settings;
  deadlines wait;
  std::shared_ptr<connection_table> connections;
  std::shared_ptr<exchanges> under_way;
  std::shared_ptr<request_filter> filter;
  asio::io_context& io;
  asio::steady_timer timer;
  asio::steady_timer sweep_timer;
  std::unique_ptr<restinio_server> listener;
  std::uint16_t port = 0;

private:
  template <class Settings>
  void configure(Settings& to, const asio::ip::address& address) {
    auto limits = hard_limits_of(settings, wait);
    to.address(address)
      .protocol(address.is_v6() ? asio::ip::tcp::v6() : asio::ip::tcp::v4())
      .port(settings.port)
      .request_handler(filter_handler{filter})
      .ip_blocker(std::make_shared<accept_filter>(
        accept_filter{descriptor_gate{settings.max_connections}, connections}))
      .connection_state_listener(std::make_shared<connection_watch>(
        connection_watch{under_way, connections}))
      .timer_manager(limits.check)
      .read_next_http_message_timelimit(limits.read)
      .handle_request_timeout(limits.handle)
      .write_http_response_timelimit(limits.write)
      .max_pipelined_requests(2)
      .concurrent_accepts_count(accepts_at_once)
      .buffer_size(16 * 1024)
      .incoming_http_msg_limits(restinio::incoming_http_msg_limits_t{}
                                  .max_url_size(limits.url)
                                  .max_field_name_size(limits.header_field)
                                  .max_field_value_size(limits.header_field)
                                  .max_body_size(limits.body))
      .socket_options_setter([](auto& options) {
        options.set_option(asio::ip::tcp::no_delay{true});
        options.set_option(asio::socket_base::keep_alive{true});
      })
      .acceptor_post_bind_hook(
        [this](auto& acceptor) { port = acceptor.local_endpoint().port(); });
  }

  /// Until the server is destroyed.
  void sweep_later() {
    sweep_timer.expires_after(hard_limits_of(settings, wait).check);
    sweep_timer.async_wait([weak = weak_from_this()](const auto& error) {
      auto self = weak.lock();
      if (error || !self)
        return;
      self->connections->sweep(connection_table::clock::now());
      self->sweep_later();
    });
  }

  template <class F>
  void after(milliseconds delay, F f) {
    timer.expires_after(delay);
    timer.async_wait([self = shared_from_this(), f](const auto& error) {
      if (!error)
        f();
    });
  }

  void give_up() {
    under_way->answer_all(
      failure(ec::shutting_down, {"the server is shutting down", {}, {}, {}}));
    filter->stop_helpers();
    after(last_grace, [this] { under_way->give_up(); });
  }
};

server::server(asio::io_context& io, conf::http_settings settings,
               caf::actor_system& system, actor_handles actors,
               body_parsers parse, deadlines wait)
  : impl_(std::make_shared<impl>(
    io,
    route_env{
      system, std::move(actors), settings, std::move(parse), wait,
      settings.access.enabled ? std::make_shared<doorkeeper>(settings.access)
                              : nullptr,
      std::make_shared<admission>(admission::limits{
        settings.max_requests, settings.max_waiting, wait.patience})})) {}

server::~server() {
  impl_->timer.cancel();
  impl_->sweep_timer.cancel();
  impl_->listener.reset();
  impl_->filter->detach();
}

void server::start() {
  const auto& settings = impl_->settings;
  try {
    auto name
      = settings.address == "localhost" ? "127.0.0.1" : settings.address;
    impl_->listen(asio::ip::make_address(name));
  } catch (const std::exception& e) {
    throw std::runtime_error("cannot listen on " + settings.address + ":"
                             + std::to_string(settings.port) + ": " + e.what());
  }
}

std::uint16_t server::port() const noexcept {
  return impl_->port;
}

void server::stop(milliseconds deadline, std::function<void()> on_drained) {
  asio::post(impl_->io, [self = impl_, deadline,
                         on_drained = std::move(on_drained)]() mutable {
    self->stop(deadline, std::move(on_drained));
  });
}

hard_limits hard_limits_of(const conf::http_settings& settings,
                           const deadlines& wait) noexcept {
  constexpr milliseconds slack{60'000};
  // A body may come at 1 MB/s. What idles, or comes slower than that in a small
  // request, is closed by connection_table.
  milliseconds upload{settings.max_upload / 1000};
  auto longest = std::max(
    {settings.max_sync_wait + wait.margin, wait.upload, wait.lookup});
  hard_limits result{};
  result.url = 2 * settings.max_url;
  result.header_field = 2 * settings.max_header;
  result.body = 2 * std::max(settings.max_body, settings.max_upload);
  result.read = std::max(settings.idle_timeout, upload);
  result.handle = longest + slack;
  result.write = slack;
  result.check = std::clamp(settings.idle_timeout / 10, milliseconds{100},
                            milliseconds{5000});
  return result;
}

} // namespace hearth::http
