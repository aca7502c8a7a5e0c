#include "http/wire/server.hpp"

#include <netinet/tcp.h>

#include <asio/steady_timer.hpp>

#include "base/loop_watch.hpp"
#include "http/core/admission.hpp"
#include "http/core/reply.hpp"
#include "http/wire/restinio_server.hpp"

namespace hearth::http {

namespace {

/// The time after the deadline in which the last answers are written.
constexpr milliseconds last_grace{1000};

/// How many bytes the kernel takes beyond those that the client's side has room
/// for. By default it takes megabytes, which no budget counts, and an answer
/// that nobody reads would count as written.
constexpr int most_unsent = 256 * 1024;

using unsent_limit
  = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

} // namespace

class server::impl : public std::enable_shared_from_this<impl> {
public:
  impl(asio::io_context& io, route_env e)
    : settings(e.settings), wait(e.wait),
      connections(std::make_shared<connection_table>(connection_table::limits{
        {settings.idle_timeout, settings.min_receive_rate},
        settings.max_client_connections})),
      input(std::make_shared<intake_env>(e)),
      under_way(std::make_shared<exchanges>(
        io, e.load, connections, input->bodies, settings.answer_budget)),
      filter(std::make_shared<request_filter>(std::move(e), under_way)), io(io),
      timer(io), sweep_timer(io) {
    input->post = [to = std::weak_ptr{under_way}](auto what) {
      if (auto calls = to.lock())
        calls->post(std::move(what));
    };
    input->half_closed = [to = std::weak_ptr{under_way}](auto connection) {
      if (auto calls = to.lock())
        calls->half_closed(connection);
    };
  }

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
  std::shared_ptr<intake_env> input;
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
      .ip_blocker(std::make_shared<accept_filter>(accept_filter{
        descriptor_gate{settings.max_connections}, connections, input}))
      .connection_state_listener(std::make_shared<connection_watch>(
        connection_watch{under_way, connections}))
      .timer_manager(limits.check)
      .read_next_http_message_timelimit(limits.read)
      .handle_request_timeout(limits.handle)
      .write_http_response_timelimit(limits.write)
      .max_pipelined_requests(2)
      .concurrent_accepts_count(accepts_at_once())
      .buffer_size(16 * 1024)
      .incoming_http_msg_limits(restinio::incoming_http_msg_limits_t{}
                                  .max_url_size(limits.url)
                                  .max_field_name_size(limits.header_field)
                                  .max_field_value_size(limits.header_field)
                                  .max_body_size(limits.body))
      .socket_options_setter([](auto& options) {
        options.set_option(asio::ip::tcp::no_delay{true});
        options.set_option(asio::socket_base::keep_alive{true});
        options.set_option(unsent_limit{most_unsent});
      })
      .acceptor_post_bind_hook(
        [this](auto& acceptor) { port = acceptor.local_endpoint().port(); });
  }

  /// Until the server is destroyed.
  void sweep_later() {
    sweep_timer.expires_after(hard_limits_of(settings, wait).check);
    sweep_timer.async_wait([weak = weak_from_this()](const auto& error) {
      name_work("looking at the age of connections");
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
      name_work("stopping the HTTP server");
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
               body_parsers parse, deadlines wait, status_actor drivers)
  : impl_(std::make_shared<impl>(
    io,
    route_env{system, std::move(actors), settings, std::move(parse), wait,
              settings.access.enabled
                ? std::make_shared<doorkeeper>(settings.access)
                : nullptr,
              std::make_shared<admission>(admission::limits{
                settings.max_requests, settings.max_waiting, wait.patience}),
              std::make_shared<actor_pool>(), std::make_shared<health_check>(),
              std::move(drivers)})) {}

server::~server() {
  impl_->timer.cancel();
  impl_->sweep_timer.cancel();
  impl_->listener.reset();
  release();
  impl_->connections->abandon_all();
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
    name_work("stopping the HTTP server");
    self->stop(deadline, std::move(on_drained));
  });
}

void server::release() {
  impl_->filter->detach();
  impl_->input->routes.actors = {};
  impl_->input->routes.drivers = nullptr;
}

hard_limits hard_limits_of(const conf::http_settings& settings,
                           const deadlines& wait) noexcept {
  constexpr milliseconds slack{60'000};
  // A body may arrive at 1 MB/s. connection_table closes connections that idle,
  // and those on which a small request arrives more slowly than that.
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
