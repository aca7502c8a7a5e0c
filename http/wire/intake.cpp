#include "http/wire/intake.hpp"

#include <algorithm>
#include <cstring>
#include <netinet/tcp.h>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>

#include "base/loop_watch.hpp"
#include "http/core/reply.hpp"
#include "http/routes/doorkeeper.hpp"

namespace hearth::http {

namespace {

using keep_alive_idle
  = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
using keep_alive_interval
  = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;

head_reader::limits limits_of(const conf::http_settings& settings) {
  return {settings.max_url, settings.max_header};
}

response out_of_budget() {
  return failure(ec::overloaded,
                 {"too many bytes are being uploaded at once", {}, {}, {}});
}

} // namespace

intake::intake(asio::ip::tcp::socket socket, std::shared_ptr<intake_env> env)
  : socket_(std::move(socket)), env_(std::move(env)),
    reader_(limits_of(env_->routes.settings)),
    body_share_(env_->bodies, [this] {
      refuse(http_failure(408, "the body stopped coming while others need the "
                               "memory"));
    }) {}

void intake::read(char* data, std::size_t size, read_handler then) {
  // Not kept here: it holds RESTinio's connection, which holds this, and a
  // server that ends before it is called would not find this connection any
  // more.
  if (state_ == state::gone)
    return asio::post(socket_.get_executor(), [then = std::move(then)] {
      name_work("reading a request");
      then(asio::error::eof, 0);
    });
  data_ = data;
  size_ = size;
  then_ = std::move(then);
  if (checked_)
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      name_work("reading a request");
      self->resume();
    });
  else if (end_of_input_)
    settle();
  else
    start_read();
}

void intake::start_read() {
  if (state_ != state::reading || reading_ || last_)
    return;
  reading_ = true;
  socket_.async_read_some(
    asio::buffer(data_, size_),
    [self = shared_from_this()](const asio::error_code& error, std::size_t n) {
      name_work("reading a request");
      self->on_read(error, n);
    });
}

void intake::cancel() {
  asio::error_code ignored;
  if (reading_)
    socket_.cancel(ignored);
  else
    give_up();
}

void intake::close() {
  asio::error_code ignored;
  state_ = state::gone;
  body_share_.release();
  held_ = {};
  checked_ = false;
  // First, so that nothing more is read into the buffer of a connection that
  // may go.
  socket_.close(ignored);
  // Not kept until the read has ended, as in `read`.
  give_up();
}

void intake::give_up() {
  if (!then_)
    return;
  // This is called later, because RESTinio is in the middle of another call.
  asio::post(socket_.get_executor(), [then = std::exchange(then_, nullptr)] {
    name_work("reading a request");
    then(asio::error::operation_aborted, 0);
  });
}

void intake::reset_at_close() {
  asio::error_code ignored;
  socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  resets_ = true;
}

void intake::abandon() {
  asio::error_code ignored;
  state_ = state::gone;
  // First, so that nothing more is read into the buffer that goes now.
  socket_.close(ignored);
  then_ = nullptr;
}

void intake::on_read(const asio::error_code& error, std::size_t n) {
  reading_ = false;
  if (state_ == state::refusing)
    return settle();
  if (error == asio::error::eof && state_ == state::reading && !settled())
    return on_half_close();
  if (error || state_ != state::reading)
    return deliver(error ? error : asio::error::operation_aborted, 0);
  begin_ = 0;
  inspect(n, 0);
}

void intake::on_half_close() {
  // The client has shut down its writing side or closed the connection. Only an
  // attempt to write would tell which. So it gets its answers, and the kernel's
  // keep-alive finds out whether it is still there.
  end_of_input_ = true;
  asio::error_code ignored;
  socket_.set_option(keep_alive_idle{30}, ignored);
  socket_.set_option(keep_alive_interval{10}, ignored);
  socket_.async_wait(
    asio::ip::tcp::socket::wait_error,
    [self = shared_from_this()](const asio::error_code& error) {
      name_work("reading a request");
      if (!error && self->state_ == state::reading)
        self->deliver(asio::error::connection_reset, 0);
    });
  env_->half_closed(connection_);
  settle();
}

void intake::inspect(std::size_t n, std::size_t at) {
  while (at < n && !last_) {
    auto step = reader_.read({data_ + at, n - at});
    at += step.used;
    if (step.what == head_reader::event::error)
      return refuse(http_failure(reader_.error_status(), reader_.error_text()));
    if (step.what == head_reader::event::head && !on_head(n, at))
      return;
    if (step.body > 0 && !on_body(step.body))
      return;
    if (step.what == head_reader::event::end) {
      on_end();
      begin_ = at;
    }
  }
  begin_ = 0;
  deliver({}, at);
  if (wants_continue_)
    settle();
}

bool intake::on_head(std::size_t n, std::size_t at) {
  const auto& head = reader_.head();
  body_ = 0;
  // One byte more: the line feed of the head is not read yet.
  auto whole = !head.chunked && head.content_length < n - at;
  auto verdict
    = env_->check.examine(env_->routes, head, whole || !head.has_body());
  body_limit_ = verdict.body_limit;
  if (verdict.refused) {
    refuse(std::move(*verdict.refused));
    return false;
  }
  wants_continue_ = !whole && head.has_body() && !head.expect.empty()
                    && !head.old && at + 1 >= n;
  if (!verdict.asks)
    return true;
  ask(*verdict.asks, n, at);
  return false;
}

bool intake::on_body(std::size_t n) {
  body_ += n;
  wants_continue_ = false;
  if (body_ > body_limit_)
    refuse(http_failure(413, "the body is larger than "
                               + std::to_string(body_limit_) + " bytes"));
  else if (!body_share_.add(n, byte_budget::clock::now()))
    refuse(out_of_budget());
  else
    return true;
  return false;
}

void intake::on_end() {
  ++given_;
  last_ = reader_.head().upgrade;
  body_share_.release();
}

void intake::ask(const route& to, std::size_t n, std::size_t at) {
  state_ = state::asking;
  held_.assign(data_ + begin_, n - begin_);
  held_at_ = at - begin_;
  asio::error_code gone;
  auto client = socket_.remote_endpoint(gone);
  ask_later(env_->routes, reader_.head().authorization,
            client.address().to_string(), to,
            [weak = weak_from_this(), post = env_->post](auto refused) {
              post([weak, refused = std::move(refused)]() mutable {
                if (auto self = weak.lock())
                  self->decided(std::move(refused));
              });
            });
  if (auto before = std::exchange(begin_, 0); before > 0)
    deliver({}, before);
}

void intake::decided(std::optional<response> refused) {
  if (state_ != state::asking)
    return;
  state_ = state::reading;
  if (refused) {
    held_ = {};
    env_->check.let_page_read(*refused, reader_.head());
    return refuse(std::move(*refused));
  }
  checked_ = true;
  if (then_)
    resume();
}

void intake::resume() {
  if (!checked_ || !then_ || state_ != state::reading)
    return;
  checked_ = false;
  auto n = held_.size();
  std::memcpy(data_, held_.data(), n);
  held_ = {};
  begin_ = 0;
  inspect(n, held_at_);
}

void intake::refuse(response reply) {
  if (state_ == state::gone || state_ == state::refusing)
    return;
  state_ = state::refusing;
  wants_continue_ = false;
  body_share_.release();
  reply.close = true;
  refusal_ = to_bytes(reply, reader_.head().verb == method::head);
  // Requests before it in the same bytes are not to blame.
  if (auto before = std::exchange(begin_, 0); before > 0)
    deliver({}, before);
  settle();
}

void intake::deliver(const asio::error_code& error, std::size_t n) {
  if (auto then = std::exchange(then_, nullptr))
    then(error, n);
}

void intake::idle() {
  busy_ = false;
  settle();
}

void intake::settle() {
  auto waits = state_ == state::refusing || end_of_input_ || wants_continue_;
  if (!waits || settling_ || !settled())
    return;
  settling_ = true;
  // RESTinio may be about to do something with this connection.
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    name_work("answering without reading on");
    self->after_settling();
  });
}

void intake::after_settling() {
  settling_ = false;
  if (!settled() || state_ == state::gone)
    return;
  if (state_ == state::refusing)
    say_farewell();
  else if (wants_continue_)
    send_continue();
  else if (end_of_input_)
    deliver(asio::error::eof, 0);
}

void intake::send_continue() {
  constexpr std::string_view text = "HTTP/1.1 100 Continue\r\n\r\n";
  wants_continue_ = false;
  asio::error_code ignored;
  // Nothing is being written, so there is room for so little in the kernel.
  socket_.write_some(asio::buffer(text.data(), text.size()), ignored);
}

void intake::say_farewell() {
  if (reading_) {
    // The connection had to give up its body while it waited for bytes.
    asio::error_code ignored;
    socket_.cancel(ignored);
    return;
  }
  state_ = state::gone;
  env_->leaving.begin(std::move(socket_), std::move(refusal_));
  deliver(asio::error::eof, 0);
}

} // namespace hearth::http
