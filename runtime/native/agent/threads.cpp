#include "runtime/native/agent/threads.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/native/agent/crash.hpp"
#include "runtime/native/agent/log.hpp"

namespace hearth::native {

namespace {

/// How long a thread waits for a job before it ends.
constexpr std::chrono::seconds idle_time{60};

/// Before the system is asked for a thread again that it has refused.
constexpr std::chrono::seconds try_again{1};

} // namespace

job_threads::job_threads(std::function<void()> before_idle,
                         std::function<void(std::function<void()>)> spawn)
  : before_idle_(std::move(before_idle)), spawn_(std::move(spawn)) {
  // The one that jobs can count on: without it there is no point in beginning.
  lock guard{mutex_};
  ++called_;
  add_thread();
}

job_threads::~job_threads() {
  lock guard{mutex_};
  closed_ = true;
  for (auto& x : idle_)
    x->wake.notify_one();
  gone_.wait(guard, [this] { return threads_ == 0; });
}

void job_threads::execute(std::function<void()> work) {
  auto now = clock::now();
  lock guard{mutex_};
  queue_.push_back({std::move(work), now});
  if (!all_taken_lately(now))
    call_one(guard);
}

/// Whether who is under way can be expected to take what is queued now.
bool job_threads::all_taken_lately(clock::time_point now) const {
  return called_ > 0 || (idle_.empty() && now < next_try_)
         || (busy_ > 0 && now - taken_ < patience);
}

/// Wakes a thread, or makes one. Lets go of the lock.
void job_threads::call_one(lock& guard) {
  ++called_;
  if (idle_.empty()) {
    try {
      add_thread();
    } catch (const std::system_error& e) {
      --called_;
      next_try_ = clock::now() + try_again;
      auto count = threads_;
      guard.unlock();
      log_line("WARN", {},
               "no more threads than " + std::to_string(count)
                 + ", so a job waits for another to end: " + e.what());
    }
    return;
  }
  auto x = std::move(idle_.back());
  idle_.pop_back();
  x->called = true;
  // Without the lock, or it would wake only to wait for it.
  guard.unlock();
  x->wake.notify_one();
}

void job_threads::add_thread() {
  spawn_([this] { serve(); });
  ++threads_;
}

// Detached: it may end any time, and nobody would join it before the end.
void job_threads::spawn_detached(std::function<void()> main) {
  std::thread{std::move(main)}.detach();
}

bool job_threads::more() {
  lock guard{mutex_};
  return !queue_.empty();
}

std::optional<job_threads::clock::time_point> job_threads::next_tick() {
  lock guard{mutex_};
  if (queue_.empty())
    return std::nullopt;
  return std::max(std::max(queue_.front().since, taken_) + patience, next_try_);
}

void job_threads::tick() {
  lock guard{mutex_};
  if (!queue_.empty() && !all_taken_lately(clock::now()))
    call_one(guard);
}

std::size_t job_threads::threads() {
  lock guard{mutex_};
  return threads_;
}

void job_threads::serve() {
  signal_stack stack;
  lock guard{mutex_};
  do {
    --called_;
    while (!queue_.empty()) {
      auto work = std::move(queue_.front().work);
      queue_.pop_front();
      taken_ = clock::now();
      ++busy_;
      guard.unlock();
      work();
      work = nullptr;
      guard.lock();
      --busy_;
      if (queue_.empty()) {
        guard.unlock();
        before_idle_();
        guard.lock();
      }
    }
  } while (wait(guard));
  --threads_;
  gone_.notify_all();
}

/// @returns false if the thread is to end
bool job_threads::wait(lock& guard) {
  if (closed_)
    return false;
  auto me = std::make_shared<idle_thread>();
  idle_.push_back(me);
  auto done = [&] { return me->called || closed_; };
  while (!me->wake.wait_for(guard, idle_time, done))
    if (threads_ > 1)
      break;
  if (me->called)
    return true;
  idle_.erase(std::find(idle_.begin(), idle_.end(), me));
  return false;
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
