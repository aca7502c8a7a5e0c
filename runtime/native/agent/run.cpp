#include "runtime/native/agent/run.hpp"

#include <sys/eventfd.h>
#include <utility>

namespace {

using namespace hearth;

constexpr std::chrono::milliseconds progress_pause{200};

} // namespace

hearth_run::hearth_run(native::surroundings around, protocol::run_job job,
                       std::string config, connection_id connection)
  : around(around), job(std::move(job)), config(std::move(config)),
    connection_(connection), credit_(this->job.credit) {
  // nop
}

void hearth_run::started() {
  std::lock_guard guard{mutex_};
  started_ = true;
  if (late_)
    send_started();
}

void hearth_run::say_started() {
  std::lock_guard guard{mutex_};
  late_ = true;
  if (started_ && !end_)
    send_started();
}

/// With the lock held, so that nothing that follows it overtakes it.
void hearth_run::send_started() {
  if (started_on_ == connection_)
    return;
  started_on_ = connection_;
  around.link.send(connection_, protocol::job_started_frame(job.job));
}

void hearth_run::refused(protocol::refusal reason, protocol::failure why) {
  std::lock_guard guard{mutex_};
  refusal_ = protocol::job_refused{job.job, reason, std::move(why)};
}

void hearth_run::failed(protocol::failure why) {
  std::lock_guard guard{mutex_};
  failure_ = std::move(why);
}

char* hearth_run::reserve(std::size_t least, std::size_t& room) {
  if (stop_flag.load(std::memory_order_relaxed) != 0)
    return nullptr;
  if (result_.size() > job.max_result) {
    too_large_ = true;
    return nullptr;
  }
  auto full = result_.full();
  auto* bytes = result_.reserve(least, room);
  if (result_.full() > full)
    deliver();
  return bytes;
}

void hearth_run::commit(std::size_t size) {
  result_.commit(size);
}

bool hearth_run::wait_stop(std::chrono::milliseconds time) {
  lock guard{mutex_};
  return changed_.wait_for(guard, time, [this] { return stop_flag != 0; });
}

void hearth_run::progress(std::int64_t done, std::int64_t total,
                          std::string_view text) {
  auto now = native::steady_clock::now();
  lock guard{mutex_};
  if (now < progress_sent_ + progress_pause && done != total)
    return;
  progress_sent_ = now;
  send_started();
  around.link.send(connection_, protocol::to_frame(protocol::job_progress{
                                  job.job, done, total, std::string{text}}));
}

void hearth_run::ended() {
  lock guard{mutex_};
  too_large_ = too_large_ || result_.size() > job.max_result;
  end_ = how_it_ended();
  if (end_->kind != protocol::kind::job_ended || failure_ || killed_)
    result_.clear();
}

/// Returns the frame that reports the end.
protocol::frame hearth_run::how_it_ended() const {
  protocol::job_ended end{job.job, protocol::outcome::finished, {}};
  if (killed_) {
    auto what = "Job " + job.job + " killed";
    end.outcome = protocol::outcome::killed;
    end.why = {what, "hearth::stopped", "hearth::stopped: " + what};
  } else if (refusal_) {
    return protocol::to_frame(*refusal_);
  } else if (too_large_) {
    auto what = "The result has at least " + std::to_string(result_.size())
                + " bytes of JSON, which is over the limit of "
                + std::to_string(job.max_result) + " bytes";
    end.outcome = protocol::outcome::error;
    end.why
      = {what, "hearth::result_too_large", "hearth::result_too_large: " + what};
  } else if (failure_) {
    end.outcome = protocol::outcome::error;
    end.why = *failure_;
  }
  return protocol::to_frame(end, {});
}

void hearth_run::deliver(bool soon) {
  lock guard{mutex_};
  if (delivering_)
    return;
  delivering_ = true;
  while (connection_ != 0 && ended_on_ != connection_) {
    if (parts_ < result_.full()) {
      if (!send_part(guard))
        break;
    } else if (end_) {
      auto connection = ended_on_ = connection_;
      auto last = result_.last();
      guard.unlock();
      around.link.send(connection, *end_, last, soon);
      guard.lock();
    } else {
      break;
    }
  }
  delivering_ = false;
}

/// Sends the next part once there is credit for it.
/// @returns false if there is no reason to go on
bool hearth_run::send_part(lock& guard) {
  send_started();
  auto connection = connection_;
  auto part = result_[parts_];
  changed_.wait(guard, [&] {
    return credit_ >= part.size() || connection_ != connection
           || (stop_flag != 0 && !end_);
  });
  if (stop_flag != 0 && !end_)
    return false;
  if (connection_ != connection)
    return true;
  credit_ -= part.size();
  ++parts_;
  auto head = protocol::result_part_frame(job.job, {});
  guard.unlock();
  around.link.send(connection, head, part);
  guard.lock();
  return true;
}

void hearth_run::stop(bool killed) {
  {
    std::lock_guard guard{mutex_};
    killed_ = killed_ || killed;
    stop_flag = 1;
    changed_.notify_all();
    if (stop_fd_ >= 0)
      ::eventfd_write(stop_fd_, 1);
  }
  around.objects.wake();
}

void hearth_run::watch_stop(int fd) {
  std::lock_guard guard{mutex_};
  stop_fd_ = fd;
  if (fd >= 0 && stop_flag != 0)
    ::eventfd_write(fd, 1);
}

void hearth_run::connected(connection_id connection) {
  std::lock_guard guard{mutex_};
  connection_ = connection;
  parts_ = 0;
  credit_ = job.credit;
  changed_.notify_all();
  if (connection != 0 && started_ && !end_)
    send_started();
}

void hearth_run::add_credit(std::uint64_t bytes) {
  std::lock_guard guard{mutex_};
  credit_ += bytes;
  changed_.notify_all();
}

bool hearth_run::over() {
  std::lock_guard guard{mutex_};
  return end_.has_value();
}
