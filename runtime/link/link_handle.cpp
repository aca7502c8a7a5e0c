#include "runtime/link/link_handle.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace hearth::link {

namespace {

/// Frames that follow one another faster than this are written together.
constexpr std::chrono::microseconds burst{60};

/// What one call writes, bytes: the link's thread does that in a tenth of a
/// millisecond, and then has time for others.
constexpr std::size_t most_at_once = 256 * 1024;

} // namespace

link_handle::link_handle(int socket, std::chrono::milliseconds heartbeat,
                         std::size_t max_queued,
                         std::function<void(bool)> request_attend)
  : heartbeat_(heartbeat), max_queued_(max_queued),
    request_attend_(std::move(request_attend)), socket_(socket) {}

void link_handle::accept(frame_handler on_frame, close_handler on_closed) {
  std::string reason;
  {
    std::lock_guard guard{mutex_};
    if (phase_ == phase::introduced) {
      phase_ = phase::accepted;
      was_accepted_ = true;
      handlers_ = std::make_shared<link_handlers>(
        link_handlers{std::move(on_frame), std::move(on_closed)});
      // Queued here, so that nothing can be sent before it.
      push(protocol::welcome_frame(
        static_cast<std::uint64_t>(heartbeat_.count())));
      want_attend();
      return;
    }
    if (phase_ != phase::shut || was_accepted_)
      return;
    was_accepted_ = true;
    reason = shut_reason_;
  }
  on_closed(std::move(reason));
}

void link_handle::reject(std::string message) {
  auto x = protocol::reject_frame(message);
  std::lock_guard guard{mutex_};
  if (phase_ != phase::introduced)
    return;
  push(std::move(x));
  phase_ = phase::ending;
  want_attend();
}

void link_handle::send(protocol::frame x) {
  protocol::credit more;
  if (x.kind == protocol::kind::credit)
    more = protocol::parse_credit(x);
  decltype(ended_leases_) ended;
  std::lock_guard guard{mutex_};
  if (phase_ != phase::accepted)
    return;
  // Before the agent can know of it.
  if (!more.job.empty())
    credit_.granted(more.job, more.bytes);
  push(std::move(x));
  ended.swap(ended_leases_);
}

void link_handle::send_with(protocol::frame x, shared_text payload) {
  decltype(ended_leases_) ended;
  std::lock_guard guard{mutex_};
  if (phase_ != phase::accepted)
    return;
  push(std::move(x), std::move(payload));
  ended.swap(ended_leases_);
}

void link_handle::send_along(protocol::frame x) {
  std::lock_guard guard{mutex_};
  if (phase_ != phase::accepted)
    return;
  auto alone = queue_.size() == 0;
  if (!append(std::move(x), {}))
    return;
  along_only_ = along_only_ || alone;
  if (!std::exchange(along_wanted_, true))
    request_attend_(false);
}

void link_handle::close() {
  std::lock_guard guard{mutex_};
  if (phase_ == phase::ending || phase_ == phase::shut)
    return;
  phase_ = phase::ending;
  want_attend();
}

link_handle::report link_handle::attend(bool writable) {
  decltype(ended_leases_) ended;
  std::lock_guard guard{mutex_};
  attend_wanted_ = along_wanted_ = false;
  if (writable)
    blocked_ = false;
  if (phase_ != phase::shut && !blocked_) {
    write(clock::now());
    if (queue_.size() > 0 && !blocked_ && failure_.empty())
      want_attend();
  }
  ended.swap(ended_leases_);
  return {handlers_, phase_ == phase::ending, queue_.size() == 0, blocked_,
          failure_};
}

void link_handle::check_credit(const protocol::frame& from_agent) {
  std::lock_guard guard{mutex_};
  if (from_agent.kind == protocol::kind::result_part)
    credit_.received(protocol::parse_job(from_agent),
                     from_agent.payload.size());
  else if (!credit_.empty()) // most results have no parts
    credit_.ended(protocol::parse_job(from_agent));
}

void link_handle::request_attend() {
  std::lock_guard guard{mutex_};
  if (phase_ != phase::shut)
    want_attend();
}

std::shared_ptr<link_handlers> link_handle::shut(std::string reason) {
  decltype(leases_) ended;
  std::lock_guard guard{mutex_};
  ended.swap(leases_);
  phase_ = phase::shut;
  socket_ = -1;
  queue_.clear();
  shut_reason_ = std::move(reason);
  // They are given away because the handlers may own this very link.
  return std::exchange(handlers_, nullptr);
}

link_handle::clock::time_point link_handle::last_write() {
  std::lock_guard guard{mutex_};
  return last_write_;
}

bool link_handle::is_unread(clock::time_point now,
                            std::chrono::milliseconds time) {
  std::lock_guard guard{mutex_};
  return blocked_ && queue_.size() > 0 && now - last_write_ >= time;
}

/// @returns whether there is anything to be done about it
bool link_handle::append(protocol::frame&& x, shared_text&& payload) {
  if (!failure_.empty())
    return false;
  auto lease = std::move(x.lease);
  queue_.add(std::move(x), std::move(payload));
  if (lease)
    leases_.push_back({written_ + queue_.size(), std::move(lease)});
  if (queue_.size() <= max_queued_)
    return true;
  failure_ = "the agent does not read: " + std::to_string(queue_.size())
             + " bytes are waiting for it";
  want_attend();
  return false;
}

void link_handle::push(protocol::frame&& x, shared_text&& payload) {
  auto is_first = queue_.size() == 0 || along_only_;
  if (!append(std::move(x), std::move(payload)))
    return;
  along_only_ = false;
  // An `attend` that was asked for will write these bytes, too.
  if (attend_wanted_ || blocked_)
    return;
  auto now = clock::now();
  if (is_first && now - last_write_ > burst)
    write(now);
  if (queue_.size() > 0 || !failure_.empty())
    want_attend();
}

/// Writes what the socket takes, up to `most_at_once`.
void link_handle::write(clock::time_point now) {
  std::size_t written = 0;
  while (queue_.size() > 0 && failure_.empty() && written < most_at_once) {
    auto bytes = queue_.front().substr(0, most_at_once - written);
    auto n = ::send(socket_, bytes.data(), bytes.size(),
                    MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      queue_.drop(static_cast<std::size_t>(n));
      written += static_cast<std::size_t>(n);
      written_ += static_cast<std::uint64_t>(n);
      last_write_ = now;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      blocked_ = true;
      break;
    } else if (errno != EINTR) {
      failure_
        = "writing to the agent: " + std::generic_category().message(errno);
    }
  }
  for (; !leases_.empty() && leases_.front().end <= written_;
       leases_.pop_front())
    ended_leases_.push_back(std::move(leases_.front().lease));
  if (queue_.size() == 0)
    along_only_ = false;
}

void link_handle::want_attend() {
  if (!std::exchange(attend_wanted_, true))
    request_attend_(true);
}

} // namespace hearth::link
