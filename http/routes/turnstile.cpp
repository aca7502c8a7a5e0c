#include "http/routes/turnstile.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "http/core/reply.hpp"

namespace hearth::http {

void turnstile::enter(const exchange_ptr& x, work what) {
  {
    std::unique_lock guard{mutex_};
    if (closed_) {
      guard.unlock();
      return x->answer(failure(ec::shutting_down,
                               {"the server is shutting down", {}, {}, {}}));
    }
    if (inside_ >= most_.at_once) {
      auto client = x->client_address();
      if (waiting_.size() < most_.waiting
          && waiting_.size(client) < most_.waiting_of_client) {
        waiting_.lane(client).push(
          {x, std::move(what), clock::now() + most_.longest_wait});
        return;
      }
      guard.unlock();
      return x->answer(
        failure(ec::overloaded,
                {"too many requests for long lists wait already", {}, {}, {}}));
    }
    ++inside_;
  }
  run(x, what);
}

void turnstile::close() {
  // Destroyed without the lock: those that wait are answered then.
  fair_queue<fifo<waiter>> dropped;
  std::lock_guard guard{mutex_};
  closed_ = true;
  std::swap(dropped, waiting_);
}

void turnstile::run(const exchange_ptr& x, const work& what) {
  auto place
    = pass{this, [self = shared_from_this()](void*) { self->leave(); }};
  try {
    what(std::move(place));
  } catch (...) {
    x->answer(failure_of_exception());
  }
}

void turnstile::leave() {
  std::vector<waiter> gone;
  std::vector<waiter> late;
  std::optional<waiter> next;
  {
    std::lock_guard guard{mutex_};
    auto now = clock::now();
    waiting_.erase_if([&](waiter& w) {
      auto left = w.x->client_left();
      if (!left && now < w.until)
        return false;
      (left ? gone : late).push_back(std::move(w));
      return true;
    });
    if (waiting_.size() > 0)
      next = waiting_.take();
    else
      --inside_;
  }
  for (auto& w : late)
    w.x->answer(
      failure(ec::deadline,
              {"other long lists were read for all of the time", {}, {}, {}}));
  if (next)
    run(next->x, next->what);
}

} // namespace hearth::http
