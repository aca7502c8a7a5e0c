// Reading from agents: from bytes to the frames that actors get.

#include <algorithm>
#include <utility>

#include <asio/buffer.hpp>
#include <asio/error.hpp>

#include "base/loop_watch.hpp"
#include "runtime/link/connection.hpp"

namespace hearth::link {

namespace {

/// A stranger may make us hold so much, bytes.
constexpr std::size_t max_greeting = protocol::max_header + 64 * 1024;

/// How many bytes a frame costs in addition to its own, for the message around
/// it.
constexpr std::size_t frame_overhead = 256;

std::size_t cost_of(const protocol::frame& x) {
  return x.header.size() + x.payload.size() + frame_overhead;
}

} // namespace

/// Goes on with reading and with progress that had to wait until earlier frames
/// were handled.
void connection::resume() {
  if (progress_.empty() && file_requests_.empty() && !paused_)
    return;
  paused_ = false; // `process` looks again
  process();
}

void connection::start_read() {
  if (state_ == state::closed || paused_ || std::exchange(reading_, true))
    return;
  socket_.async_wait(asio::socket_base::wait_read,
                     [self = shared_from_this()](asio::error_code ec) {
                       name_work("reading from an agent");
                       self->reading_ = false;
                       if (!ec)
                         self->read();
                     });
}

void connection::read() {
  if (state_ == state::closed || paused_)
    return;
  auto& buffer = hub_->buffer;
  asio::error_code ec;
  auto size = socket_.read_some(asio::buffer(buffer), ec);
  if (ec == asio::error::would_block || ec == asio::error::try_again)
    return start_read();
  if (ec == asio::error::eof)
    return close("the agent closed the connection");
  if (ec)
    return close("reading from the agent: " + ec.message());
  last_read_ = clock::now();
  if (state_ == state::ending || state_ == state::lingering)
    return start_read();
  reader_.feed({buffer.data(), size});
  if (state_ == state::greeting)
    greeting_bytes_ += size;
  process();
}

void connection::process() {
  try {
    while (state_ == state::greeting || state_ == state::open) {
      auto x = reader_.next();
      if (!x)
        break;
      handle(std::move(*x));
    }
    if (state_ == state::open) {
      hand_over_progress();
      serve_files();
    }
  } catch (const protocol::protocol_error& e) {
    return close(std::string("the agent broke the protocol: ") + e.what());
  } catch (const std::exception& e) {
    return close(std::string("handling a frame: ") + e.what());
  }
  if (state_ == state::greeting && greeting_bytes_ > max_greeting)
    return close("the agent broke the protocol: hello is too long");
  paused_ = state_ == state::open && budget_->exhausted();
  if (state_ != state::introduced)
    start_read();
}

void connection::handle(protocol::frame x) {
  using protocol::kind;
  if (state_ == state::greeting)
    return introduce(x);
  switch (x.kind) {
    case kind::agent_ping:
      handle_->send(
        protocol::seq_frame(kind::server_pong, protocol::parse_seq(x)));
      break;
    case kind::agent_pong:
      break;
    case kind::job_progress: {
      auto job = protocol::parse_job(x);
      if (!progress_.put(std::move(job), std::move(x)))
        empty_progress();
      break;
    }
    case kind::result_part:
    case kind::job_ended:
    case kind::job_refused:
      handle_->check_credit(x);
      hand_over(std::move(x));
      break;
    case kind::context_ready:
    case kind::context_failed:
    case kind::job_started:
    case kind::log:
    case kind::stopping:
      hand_over(std::move(x));
      break;
    case kind::read_file:
      take_file_request(std::move(x));
      break;
    default:
      throw protocol::protocol_error(std::string("it sent ")
                                     + protocol::name_of(x.kind));
  }
}

void connection::hand_over(protocol::frame x) {
  // The progress of a job must not be handed over after its end.
  if (x.kind == protocol::kind::job_ended)
    empty_progress();
  if (state_ != state::open)
    return;
  x.lease = budget_->take(cost_of(x));
  // This pointer is kept because the handler may end the server and, with it,
  // the connection.
  auto handlers = handlers_;
  handlers->on_frame(std::move(x));
}

/// Hands over progress if all frames that were handed over before are handled.
void connection::hand_over_progress() {
  if (!progress_.empty() && !progress_budget_->exhausted())
    empty_progress();
}

void connection::empty_progress() {
  if (progress_.empty())
    return;
  for (auto& x : progress_.take_all()) {
    if (state_ != state::open)
      return;
    auto cost = cost_of(x);
    x.lease = budget_->take(cost, progress_budget_->take(cost));
    auto handlers = handlers_;
    handlers->on_frame(std::move(x));
  }
}

/// It waits if the answers to earlier ones have not been written yet, and
/// counts as unhandled meanwhile.
void connection::take_file_request(protocol::frame x) {
  x.lease = budget_->take(cost_of(x));
  file_requests_.push_back(std::move(x));
  serve_files();
}

/// Hands over requests for files as long as there is room for their answers,
/// so that an agent that does not read these gets no more of them.
void connection::serve_files() {
  while (state_ == state::open && !file_requests_.empty()
         && !file_budget_->exhausted()) {
    auto x = std::move(file_requests_.front());
    file_requests_.pop_front();
    auto length = std::min<std::uint64_t>(protocol::parse_read_file(x).length,
                                          protocol::max_block);
    auto cost = static_cast<std::size_t>(length) + frame_overhead;
    x.lease = file_budget_->take(cost, std::move(x.lease));
    auto handlers = handlers_;
    handlers->on_frame(std::move(x));
  }
}

void connection::introduce(const protocol::frame& x) {
  if (x.kind != protocol::kind::hello)
    throw protocol::protocol_error(std::string(protocol::name_of(x.kind))
                                   + " came before hello");
  enter(state::introduced);
  protocol::hello hello;
  try {
    hello = protocol::parse_hello(x);
  } catch (const protocol::protocol_error& e) {
    return handle_->reject(e.what());
  }
  if (hello.protocol != protocol::version)
    return handle_->reject(
      "the server speaks version " + std::to_string(protocol::version)
      + " of the agent protocol, not " + std::to_string(hello.protocol));
  auto hub = hub_;
  hub->on_hello(handle_, hello);
}

} // namespace hearth::link
