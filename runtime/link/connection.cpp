#include "runtime/link/connection.hpp"

#include <algorithm>
#include <utility>

#include <asio/post.hpp>
#include <spdlog/spdlog.h>

#include "base/loop_watch.hpp"

namespace hearth::link {

namespace {

/// How long a frame waits for another that it can go along with.
constexpr std::chrono::milliseconds longest_along{20};

/// How long an agent is looked at after bytes were last read from it or written
/// to it.
constexpr std::chrono::milliseconds busy_for{100};

std::string text_of(std::chrono::milliseconds x) {
  return std::to_string(x.count()) + " ms";
}

} // namespace

connection::connection(stream::socket socket, std::shared_ptr<hub> hub,
                       newcomers_ptr newcomers)
  : socket_(std::move(socket)), timer_(socket_.get_executor()),
    along_timer_(socket_.get_executor()), hub_(std::move(hub)),
    newcomers_(std::move(newcomers)) {}

void connection::start() {
  // The handle may outlive the io_context, but asks for nothing once shut.
  auto request_attend = [executor = socket_.get_executor(),
                         weak = weak_from_this()](bool at_once) {
    asio::post(executor, [weak, at_once] {
      name_work("writing to an agent");
      auto self = weak.lock();
      if (self && at_once)
        self->attend(false);
      else if (self)
        self->attend_later();
    });
  };
  const auto& config = hub_->config;
  handle_ = std::make_shared<link_handle>(socket_.native_handle(),
                                          config.heartbeat, config.max_queued,
                                          std::move(request_attend));
  auto resume = [handle = handle_] { handle->request_attend(); };
  budget_ = std::make_shared<read_budget>(config.max_unhandled, resume);
  progress_budget_ = std::make_shared<read_budget>(0, resume);
  file_budget_ = std::make_shared<read_budget>(config.max_file_answers, resume);
  hub_->connections.insert(shared_from_this());
  newcomers_->add(shared_from_this());
  enter(state::greeting);
  // Most agents have sent their hello already, so no newer connection can push
  // them out.
  read();
}

void connection::look(clock::time_point now) {
  if (state_ != state::open
      || now - std::max(last_read_, handle_->last_write()) > busy_for)
    return;
  attend(false);
  // Otherwise it reads already, further up.
  if (state_ == state::open && reading_)
    read();
}

void connection::close(const std::string& reason) {
  if (state_ == state::closed)
    return;
  auto before = std::exchange(state_, state::closed);
  if (before == state::greeting || before == state::introduced)
    hub_->log.warn("a connection was closed before it was accepted: " + reason);
  auto self = shared_from_this();
  if (auto x = std::exchange(newcomers_, nullptr))
    x->remove(self);
  budget_->shut();
  progress_budget_->shut();
  file_budget_->shut();
  file_requests_.clear();
  auto handlers = handle_->shut(reason);
  handlers_.reset();
  timer_.cancel();
  along_timer_.cancel();
  asio::error_code ignored;
  socket_.close(ignored);
  std::exchange(hub_, nullptr)->connections.erase(self);
  if (before != state::lingering)
    tell_closed(std::move(handlers), reason);
}

void connection::enter(state x) {
  state_ = x;
  entered_ = clock::now();
  arm_timer();
}

void connection::attend(bool writable) {
  if (state_ == state::closed || state_ == state::lingering)
    return;
  auto report = handle_->attend(writable);
  if (!report.failure.empty())
    return close(report.failure);
  if (report.blocked)
    wait_for_writable();
  if (report.ending) {
    paused_ = false; // what comes is read and ignored from now on
    if (report.drained)
      finish();
    else if (state_ != state::ending)
      enter(state::ending);
    start_read();
  } else if (report.accepted && state_ == state::introduced) {
    handlers_ = std::move(report.accepted);
    last_read_ = last_ping_ = clock::now();
    std::exchange(newcomers_, nullptr)->remove(shared_from_this());
    enter(state::open);
    process(); // what came with hello
  } else if (state_ == state::open) {
    resume();
  }
}

/// Attends later to a frame that may wait for another one.
void connection::attend_later() {
  if (state_ == state::closed)
    return;
  along_timer_.expires_after(longest_along);
  along_timer_.async_wait([self = shared_from_this()](asio::error_code ec) {
    name_work("writing to an agent");
    if (!ec)
      self->attend(false);
  });
}

void connection::finish() {
  const char* reason = "closed by the server";
  enter(state::lingering);
  handlers_.reset();
  auto handlers = handle_->shut(reason);
  // Closing a socket with unread bytes would reset the connection, and the last
  // written bytes could be lost.
  asio::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  tell_closed(std::move(handlers), reason);
}

void connection::wait_for_writable() {
  if (std::exchange(writing_, true))
    return;
  socket_.async_wait(asio::socket_base::wait_write,
                     [self = shared_from_this()](asio::error_code ec) {
                       name_work("writing to an agent");
                       self->writing_ = false;
                       if (!ec)
                         self->attend(true);
                     });
}

void connection::arm_timer() {
  const auto& config = hub_->config;
  auto deadline = entered_ + config.hello_timeout;
  if (state_ == state::open)
    deadline = std::min(last_read_ + config.silence,
                        std::max(handle_->last_write(), last_ping_)
                          + config.heartbeat);
  timer_.expires_at(deadline);
  timer_.async_wait([self = shared_from_this()](asio::error_code ec) {
    name_work("the timer of an agent's connection");
    if (!ec && self->state_ != state::closed)
      self->on_timer();
  });
}

void connection::on_timer() {
  const auto& config = hub_->config;
  auto now = clock::now();
  if (state_ == state::open) {
    if (paused_ && handle_->is_unread(now, config.silence))
      return close("the agent has read nothing for " + text_of(config.silence)
                   + ", though answers wait for it");
    if (paused_) // it is this server that does not listen
      last_read_ = now;
    if (now - last_read_ >= config.silence) {
      // Not so if it was this process that stood still.
      asio::error_code ec;
      if (socket_.available(ec) == 0)
        return close("nothing came from the agent for "
                     + text_of(config.silence));
      last_read_ = now;
    }
    if (now - std::max(handle_->last_write(), last_ping_) >= config.heartbeat) {
      last_ping_ = now;
      handle_->send(protocol::seq_frame(protocol::kind::server_ping, ++pings_));
    }
  } else if (now - entered_ >= config.hello_timeout) {
    auto time = text_of(config.hello_timeout);
    if (state_ == state::greeting)
      return close("no hello within " + time);
    if (state_ == state::introduced)
      return close("neither accepted nor rejected within " + time);
    return close("closed by the server, the agent did not within " + time);
  }
  arm_timer();
}

void connection::tell_closed(std::shared_ptr<link_handlers> handlers,
                             const std::string& reason) {
  if (!handlers)
    return;
  try {
    handlers->on_closed(reason);
  } catch (const std::exception& e) {
    spdlog::error("handling the end of an agent's connection: {}", e.what());
  }
}

} // namespace hearth::link
