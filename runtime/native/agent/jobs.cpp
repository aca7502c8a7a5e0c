#include "runtime/native/agent/jobs.hpp"

#include <algorithm>

#include "runtime/native/agent/isolated.hpp"
#include "runtime/native/agent/perform.hpp"

namespace hearth::native {

namespace {

/// The shortest time that a job runs before the server is told of its start.
constexpr std::chrono::microseconds least_youth{500};

/// How long a frame that is held back waits for the next one.
constexpr std::chrono::microseconds longest_hold{200};

/// Returns how long a job runs before its start is reported, which the server
/// asks for.
std::chrono::microseconds youth_of(const protocol::run_job& x) {
  std::chrono::milliseconds wanted{
    std::min<std::uint64_t>(x.started_after_ms, std::uint64_t{60'000})};
  return std::max<std::chrono::microseconds>(wanted, least_youth);
}

} // namespace

void jobs::run(protocol::run_job job, std::string config) {
  auto connection = link_.connection();
  auto id = job.job;
  run_ptr run;
  {
    std::lock_guard guard{mutex_};
    auto& entry = runs_[id];
    if (!entry) {
      run = entry = std::make_shared<hearth_run>(around_, std::move(job),
                                                 std::move(config), connection);
      ++active_;
    } else if (entry->over()) {
      return deliver(entry);
    } else {
      return entry->say_started();
    }
  }
  auto grown_up = steady_clock::now() + youth_of(run->job);
  young_.push_back({grown_up, run});
  poll_.wake_at(grown_up);
  threads_.execute([this, run] { run_to_end(*run); });
}

void jobs::run_to_end(hearth_run& run) {
  run_code(run);
  run.ended();
  auto silent = false;
  {
    std::lock_guard guard{mutex_};
    if (--active_ == 0)
      idle_.notify_all();
    silent = stopping_;
  }
  if (silent)
    return;
  // If another job waits, it often ends as soon, and both ends are then sent
  // together.
  auto more = threads_.more();
  run.deliver(more);
  if (more)
    poll_.wake_at(steady_clock::now() + longest_hold);
}

void jobs::run_code(hearth_run& run) {
  {
    std::lock_guard guard{mutex_};
    if (stopping_)
      return run.refused(
        protocol::refusal::stopping,
        failure_of("The context is being stopped", "hearth::stopped"));
  }
  if (children_)
    perform_isolated(run, *children_);
  else
    perform(run, libraries_);
}

void jobs::deliver(run_ptr run) {
  threads_.execute([run = std::move(run)] { run->deliver(); });
}

void jobs::kill(const std::string& id) {
  if (auto run = find(id)) {
    run->stop(true);
    if (run->over())
      deliver(std::move(run));
    return;
  }
  // The job never reached this process, or its end is stored already. In both
  // cases the server knows what to do with this answer.
  protocol::job_ended end{
    id, protocol::outcome::killed,
    failure_of("Job " + id + " killed", "hearth::stopped")};
  link_.send(link_.connection(), to_frame(end, {}));
}

void jobs::add_credit(const std::string& id, std::uint64_t bytes) {
  if (auto run = find(id))
    run->add_credit(bytes);
}

void jobs::stored(const std::string& id) {
  std::lock_guard guard{mutex_};
  auto i = runs_.find(id);
  if (i != runs_.end() && i->second->over())
    runs_.erase(i);
}

std::vector<std::string> jobs::running() {
  std::vector<std::string> result;
  for (auto& run : all())
    if (!run->over())
      result.push_back(run->job.job);
  return result;
}

std::vector<std::string> jobs::ended() {
  std::vector<std::string> result;
  for (auto& run : all())
    if (run->over())
      result.push_back(run->job.job);
  return result;
}

void jobs::connected(connection_id connection) {
  for (auto& run : all()) {
    run->connected(connection);
    if (connection != 0 && run->over())
      deliver(run);
  }
}

void jobs::stop() {
  {
    std::lock_guard guard{mutex_};
    stopping_ = true;
  }
  for (auto& run : all())
    run->stop(false);
}

bool jobs::wait_idle(std::chrono::milliseconds time) {
  std::unique_lock guard{mutex_};
  return idle_.wait_for(guard, time, [this] { return active_ == 0; });
}

void jobs::tick() {
  link_.flush();
  auto now = steady_clock::now();
  std::erase_if(young_, [&](auto& x) {
    auto run = x.run.lock();
    if (!run || run->over())
      return true;
    if (x.grown_up > now) {
      poll_.wake_at(x.grown_up);
      return false;
    }
    run->say_started();
    return true;
  });
}

jobs::run_ptr jobs::find(const std::string& id) {
  std::lock_guard guard{mutex_};
  auto i = runs_.find(id);
  return i == runs_.end() ? nullptr : i->second;
}

std::vector<jobs::run_ptr> jobs::all() {
  std::lock_guard guard{mutex_};
  std::vector<run_ptr> result;
  result.reserve(runs_.size());
  for (auto& [id, run] : runs_)
    result.push_back(run);
  return result;
}

} // namespace hearth::native
