#include "runtime/native/agent/threads.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/native/agent/crash.hpp"
#include "runtime/native/agent/log.hpp"

namespace hearth::native {

namespace {

/// How long a thread watches in vain before it ends.
constexpr std::chrono::seconds idle_time{60};

/// Before the system is asked for a thread again that it has refused.
constexpr std::chrono::seconds try_again{1};

/// One that runs jobs, and one that watches meanwhile.
constexpr std::size_t least_threads = 2;

/// Whose event the calling thread handles.
thread_local const job_threads* handles_for = nullptr;

} // namespace

job_threads::job_threads(poller& events,
                         std::function<void(poller::event)> handle,
                         std::function<void()> before_idle,
                         std::function<void(std::function<void()>)> spawn)
  : events_(events), handle_(std::move(handle)),
    before_idle_(std::move(before_idle)), spawn_(std::move(spawn)) {
  lock guard{mutex_};
  try {
    // Those that jobs can count on: without them no use in beginning.
    while (threads_ < least_threads)
      start_thread();
  } catch (...) {
    end_all(guard);
    throw;
  }
}

job_threads::~job_threads() {
  lock guard{mutex_};
  end_all(guard);
}

void job_threads::end_all(lock& guard) {
  closed_ = true;
  events_.close();
  gone_.wait(guard, [this] { return threads_ == 0; });
}

void job_threads::execute(std::function<void()> work) {
  {
    std::lock_guard guard{mutex_};
    queue_.push_back(std::move(work));
  }
  if (handles_for != this)
    events_.call();
}

bool job_threads::more() {
  std::lock_guard guard{mutex_};
  return !queue_.empty();
}

std::size_t job_threads::threads() {
  std::lock_guard guard{mutex_};
  return threads_;
}

void job_threads::serve() {
  signal_stack stack;
  lock guard{mutex_};
  auto ends = false;
  while (!ends) {
    auto what = watch(guard);
    ends = what == poller::event::closed
           || (what == poller::event::none && watching_ > least_threads);
    if (is_wanted(what) && may_leave(guard))
      run_jobs(guard);
  }
  --watching_;
  --threads_;
  gone_.notify_all();
}

/// Handles one event.
poller::event job_threads::watch(lock& guard) {
  guard.unlock();
  auto what = events_.wait(idle_time);
  handles_for = this;
  handle_(what);
  handles_for = nullptr;
  guard.lock();
  return what;
}

/// Whether the calling thread should run waiting jobs. Jobs that came with its
/// own event are known to no other thread. Other jobs wait a while for the jobs
/// before them.
bool job_threads::is_wanted(poller::event what) {
  if (queue_.empty())
    return false;
  auto is_busy = watching_ < threads_;
  if (what != poller::event::time || !is_busy
      || clock::now() - taken_ >= patience)
    return true;
  events_.wake_at(taken_ + patience);
  return false;
}

/// Whether another thread watches while the calling one runs jobs.
bool job_threads::may_leave(lock& guard) {
  if (watching_ > 1 || closed_)
    return true;
  if (clock::now() >= next_try_) {
    try {
      start_thread();
      return true;
    } catch (const std::system_error& e) {
      next_try_ = clock::now() + try_again;
      auto count = threads_;
      guard.unlock();
      log_line("WARN", {},
               "no more threads than " + std::to_string(count)
                 + ", so a job waits for another to end: " + e.what());
      guard.lock();
    }
  }
  events_.wake_at(next_try_);
  return false;
}

void job_threads::start_thread() {
  spawn_([this] { serve(); });
  ++threads_;
  ++watching_;
}

// The thread is detached because it may end at any time, and nothing joins it
// before the end.
void job_threads::spawn_detached(std::function<void()> main) {
  std::thread{std::move(main)}.detach();
}

void job_threads::run_jobs(lock& guard) {
  --watching_;
  while (!queue_.empty()) {
    auto work = std::move(queue_.front());
    queue_.pop_front();
    taken_ = clock::now();
    if (!queue_.empty())
      events_.wake_at(taken_ + patience);
    guard.unlock();
    work();
    work = nullptr;
    guard.lock();
    if (queue_.empty()) {
      guard.unlock();
      before_idle_();
      guard.lock();
    }
  }
  ++watching_;
}

compute_pool::~compute_pool() {
  {
    std::lock_guard guard{mutex_};
    closed_ = true;
    wake_.notify_all();
  }
  for (auto& x : threads_)
    x.join();
}

void compute_pool::submit(void (*work)(void*), void* argument) {
  std::lock_guard guard{mutex_};
  while (threads_.size() < size_)
    threads_.emplace_back([this] { serve(); });
  queue_.push_back({work, argument});
  wake_.notify_one();
}

void compute_pool::serve() {
  signal_stack stack;
  for (;;) {
    std::unique_lock guard{mutex_};
    wake_.wait(guard, [this] { return closed_ || !queue_.empty(); });
    if (closed_)
      return;
    auto next = queue_.front();
    queue_.pop_front();
    guard.unlock();
    next.work(next.argument);
  }
}

} // namespace hearth::native
