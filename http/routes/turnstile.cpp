#include "http/routes/turnstile.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/core/reply.hpp"

namespace hearth::http {

namespace {

/// All that wait are looked through this often at most: there may be thousands,
/// and a place may get free as many times in a second.
constexpr std::chrono::milliseconds look_pause{100};

} // namespace

void turnstile::enter(const exchange_ptr& call, work what) {
  switch (admit(call, what)) {
    case verdict::inside:
      return run(call, what);
    case verdict::waits:
      return;
    case verdict::closed:
      return call->answer(failure(ec::shutting_down,
                                  {"the server is shutting down", {}, {}, {}}));
    case verdict::crowded:
      return call->answer(failure(
        ec::overloaded,
        {std::string{"too many requests for "} + most_.what + " wait already",
         {},
         {},
         {}}));
  }
}

turnstile::verdict turnstile::admit(const exchange_ptr& call, work& what) {
  std::lock_guard guard{mutex_};
  if (closed_)
    return verdict::closed;
  if (inside_ < most_.at_once) {
    ++inside_;
    return verdict::inside;
  }
  auto client = call->client_address();
  if (waiting_.size() >= most_.waiting
      || waiting_.size(client) >= most_.waiting_of_client)
    return verdict::crowded;
  waiting_.lane(client).push(
    {call, std::move(what), clock::now() + most_.longest_wait});
  return verdict::waits;
}

void turnstile::close() {
  // Destroyed without the lock: those that wait are answered then.
  fair_queue<fifo<waiter>> dropped;
  std::lock_guard guard{mutex_};
  closed_ = true;
  std::swap(dropped, waiting_);
}

void turnstile::run(const exchange_ptr& call, const work& what) {
  auto place
    = pass{this, [self = shared_from_this()](void*) { self->leave(); }};
  try {
    what(std::move(place));
  } catch (...) {
    call->answer(failure_of_exception());
  }
}

void turnstile::leave() {
  std::vector<waiter> gone; // destroyed without the lock
  std::vector<waiter> late;
  std::optional<waiter> next;
  {
    std::lock_guard guard{mutex_};
    if (auto now = clock::now(); now - looked_ >= look_pause) {
      looked_ = now;
      waiting_.erase_if([&](waiter& w) { return is_vain(w, gone, late); });
    }
    while (!next && waiting_.size() > 0)
      if (auto first = waiting_.take(); !is_vain(first, gone, late))
        next = std::move(first);
    if (!next)
      --inside_;
  }
  for (auto& waiter : late)
    waiter.call->answer(failure(
      ec::deadline,
      {std::string{"other "} + most_.what + " were read for all of the time",
       {},
       {},
       {}}));
  if (next)
    run(next->call, next->what);
}

bool turnstile::is_vain(waiter& x, std::vector<waiter>& gone,
                        std::vector<waiter>& late) {
  auto left = x.call->client_left();
  if (!left && clock::now() < x.until)
    return false;
  (left ? gone : late).push_back(std::move(x));
  return true;
}

} // namespace hearth::http
