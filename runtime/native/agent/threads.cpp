#include "runtime/native/agent/threads.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/native/agent/crash.hpp"

namespace hearth::native {

namespace {

constexpr std::chrono::seconds patience{60};

} // namespace

job_threads::~job_threads() {
  std::unique_lock guard{mutex_};
  closed_ = true;
  for (auto* x : idle_)
    x->wake.notify_one();
  gone_.wait(guard, [this] { return threads_ == 0; });
}

void job_threads::execute(std::function<void()> work) {
  std::unique_lock guard{mutex_};
  if (idle_.empty()) {
    ++threads_;
    guard.unlock();
    // Detached: there may be a new one for each job, and nobody to join it.
    std::thread{[this, work = std::move(work)]() mutable {
      serve(std::move(work));
    }}.detach();
    return;
  }
  auto* x = idle_.back();
  idle_.pop_back();
  x->work = std::move(work);
  x->wake.notify_one();
}

void job_threads::serve(std::function<void()> work) {
  signal_stack stack;
  waiting me;
  for (;;) {
    work();
    work = nullptr;
    std::unique_lock guard{mutex_};
    idle_.push_back(&me);
    me.wake.wait_for(guard, patience,
                     [&] { return closed_ || static_cast<bool>(me.work); });
    if (!me.work) {
      idle_.erase(std::find(idle_.begin(), idle_.end(), &me));
      --threads_;
      gone_.notify_all();
      return;
    }
    work = std::exchange(me.work, nullptr);
  }
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
