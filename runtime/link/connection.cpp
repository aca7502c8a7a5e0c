#include "runtime/link/connection.hpp"

#include <utility>

#include <asio/dispatch.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>

namespace hearth::link {

namespace {

/// An agent that does not read what is sent to it is given up beyond this.
constexpr std::size_t max_pending = 64 * 1024 * 1024;

/// After so many heartbeats without a sound an agent counts as gone.
constexpr int max_silent_beats = 3;

} // namespace

connection::connection(asio::ip::tcp::socket socket,
                       const agent_server_config& config,
                       hello_handler on_hello)
  : socket_(std::move(socket)), timer_(socket_.get_executor()), config_(config),
    on_hello_(std::move(on_hello)) {
  // nop
}

void connection::run(std::function<void()> on_gone) {
  on_gone_ = std::move(on_gone);
  timer_.expires_after(config_.hello_timeout);
  timer_.async_wait([self = shared_from_this()](std::error_code code) {
    if (!code && !self->accepted_)
      self->shut_down("no hello in time");
  });
  read();
}

void connection::read() {
  socket_.async_read_some(
    asio::buffer(input_),
    [self = shared_from_this()](std::error_code code, std::size_t n) {
      if (self->gone_)
        return;
      if (code) {
        self->shut_down(code == asio::error::eof ? "the agent hung up"
                                                 : code.message());
        return;
      }
      self->heard_ = true;
      try {
        self->reader_.feed({self->input_.data(), n});
        while (auto frame = self->reader_.next())
          self->take(std::move(*frame));
      } catch (const protocol::protocol_error& e) {
        self->shut_down(std::string{"it broke the protocol: "} + e.what());
      }
      if (!self->gone_)
        self->read();
    });
}

void connection::take(protocol::frame x) {
  using protocol::kind;
  if (gone_)
    return;
  if (!greeted_) {
    say_hello(x);
  } else if (x.kind == kind::agent_ping) {
    send(protocol::seq_frame(kind::server_pong, protocol::parse_seq(x)));
  } else if (x.kind == kind::agent_pong) {
    return;
  } else if (x.kind >= kind::welcome || x.kind == kind::hello) {
    throw protocol::protocol_error("a frame that agents do not send");
  } else if (on_frame_) {
    on_frame_(std::move(x));
  } else {
    throw protocol::protocol_error("a frame before the welcome");
  }
}

void connection::say_hello(const protocol::frame& x) {
  if (x.kind != protocol::kind::hello)
    throw protocol::protocol_error("the first frame is no hello");
  auto hello = protocol::parse_hello(x);
  greeted_ = true;
  if (hello.protocol != protocol::version) {
    reject("this server speaks version " + std::to_string(protocol::version)
           + " of the protocol, the agent version "
           + std::to_string(hello.protocol));
    return;
  }
  on_hello_(shared_from_this(), hello);
}

void connection::accept(frame_handler on_frame, close_handler on_closed) {
  asio::dispatch(socket_.get_executor(),
                 [self = shared_from_this(), on_frame = std::move(on_frame),
                  on_closed = std::move(on_closed)]() mutable {
                   if (self->gone_) {
                     on_closed("the agent hung up");
                     return;
                   }
                   self->on_frame_ = std::move(on_frame);
                   self->on_closed_ = std::move(on_closed);
                   self->accepted_ = true;
                   self->beat();
                 });
  send(protocol::welcome_frame(
    static_cast<std::uint64_t>(config_.heartbeat.count())));
}

void connection::reject(std::string message) {
  send(protocol::reject_frame(message));
  close();
}

void connection::send(protocol::frame x) {
  std::unique_lock guard{mutex_};
  protocol::encode(x, pending_);
  if (pending_.size() > max_pending) {
    guard.unlock();
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
      self->shut_down("it does not read what is sent to it");
    });
    return;
  }
  if (std::exchange(flush_posted_, true))
    return;
  guard.unlock();
  asio::post(socket_.get_executor(),
             [self = shared_from_this()] { self->flush(); });
}

void connection::close() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->closing_ = true;
    self->flush();
  });
}

void connection::flush() {
  if (gone_ || writing_)
    return;
  std::size_t waiting = 0;
  {
    std::lock_guard guard{mutex_};
    flush_posted_ = false;
    std::swap(output_, pending_);
    waiting = output_.size();
  }
  if (waiting > 0)
    write();
  else if (closing_)
    shut_down("closed by the server");
}

void connection::write() {
  writing_ = true;
  sent_ = true;
  asio::async_write(
    socket_, asio::buffer(output_),
    [self = shared_from_this()](std::error_code code, std::size_t) {
      self->writing_ = false;
      self->output_.clear();
      if (self->gone_)
        return;
      if (code)
        self->shut_down(code.message());
      else
        self->flush();
    });
}

void connection::beat() {
  timer_.expires_after(config_.heartbeat);
  timer_.async_wait([self = shared_from_this()](std::error_code code) {
    if (code || self->gone_)
      return;
    self->silent_beats_ = self->heard_ ? 0 : self->silent_beats_ + 1;
    if (self->silent_beats_ >= max_silent_beats) {
      auto silence = max_silent_beats * self->config_.heartbeat;
      self->shut_down("it was silent for " + std::to_string(silence.count())
                      + " ms");
      return;
    }
    if (!self->sent_)
      self->send(
        protocol::seq_frame(protocol::kind::server_ping, self->next_ping_++));
    self->heard_ = false;
    self->sent_ = false;
    self->beat();
  });
}

void connection::shut_down(const std::string& reason) {
  if (gone_)
    return;
  gone_ = true;
  std::error_code ignored; // it is going anyway
  socket_.close(ignored);
  timer_.cancel();
  on_frame_ = nullptr;
  on_hello_ = nullptr;
  if (auto on_closed = std::exchange(on_closed_, nullptr))
    on_closed(reason);
  if (auto on_gone = std::exchange(on_gone_, nullptr))
    on_gone();
}

} // namespace hearth::link
