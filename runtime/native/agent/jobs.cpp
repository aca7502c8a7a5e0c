#include "runtime/native/agent/jobs.hpp"

#include "runtime/native/agent/crash.hpp"
#include "runtime/native/agent/text.hpp"

namespace hearth::native {

namespace {

/// How long a job runs before the server is told of its start.
constexpr std::chrono::microseconds youth{500};

protocol::failure failure_of(const std::string& what, const char* type) {
  return {clean(what), type, clean(std::string{type} + ": " + what)};
}

} // namespace

void jobs::run(protocol::run_job job, std::string config) {
  auto connection = around_.link.connection();
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
  young_.push_back({steady_clock::now(), run});
  threads_.execute([this, run] { run_to_end(*run); });
}

void jobs::run_to_end(hearth_run& run) {
  perform(run);
  run.ended();
  auto silent = false;
  {
    std::lock_guard guard{mutex_};
    if (--active_ == 0)
      idle_.notify_all();
    silent = stopping_;
  }
  if (!silent)
    run.deliver();
}

void jobs::perform(hearth_run& run) {
  auto refuse
    = [&](protocol::refusal reason, const std::string& what, const char* type) {
        run.refused(reason, failure_of(what, type));
      };
  {
    std::lock_guard guard{mutex_};
    if (stopping_)
      return refuse(protocol::refusal::stopping, "The context is being stopped",
                    "hearth::stopped");
  }
  try {
    crash_label label{run.job.job};
    auto found = libraries_.find(run.job.binaries, run.job.main_class);
    if (!found.job)
      return refuse(protocol::refusal::class_not_found,
                    "there is no job " + run.job.main_class
                      + "; there are: " + found.known,
                    "hearth::job_not_found");
    run.scope = std::move(found.digest);
    found.job->perform(&host, &run);
  } catch (const load_error& e) {
    refuse(protocol::refusal::loading_failed, e.what(), "hearth::load_error");
  }
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
  // It never came here, or its end is stored already, and then the server knows
  // better than this.
  protocol::job_ended end{
    id, protocol::outcome::killed,
    failure_of("Job " + id + " killed", "hearth::stopped")};
  around_.link.send(around_.link.connection(), to_frame(end, {}));
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

std::optional<steady_clock::time_point> jobs::next_tick() {
  std::erase_if(young_, [](auto& x) { return x.run->over(); });
  if (young_.empty())
    return std::nullopt;
  return young_.front().born + youth;
}

void jobs::tick() {
  auto now = steady_clock::now();
  std::erase_if(young_, [&](auto& x) {
    if (x.born + youth > now)
      return false;
    x.run->say_started();
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
