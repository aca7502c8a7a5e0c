#include "actors/loop/coalescing_clock.hpp"

#include <utility>

#include <caf/all.hpp>

namespace hearth {

/// Changes the schedule, and wakes the thread if it would sleep too long now.
template <class F>
void coalescing_clock::change(F f) {
  std::lock_guard guard{mutex_};
  f();
  if (!schedule_.empty() && schedule_.begin()->first < wakes_at_) {
    wakes_at_ = schedule_.begin()->first;
    earlier_.notify_one();
  }
}

void coalescing_clock::set_ordinary_timeout(time_point t,
                                            caf::abstract_actor* self,
                                            caf::atom_value type,
                                            std::uint64_t id) {
  change([&] { base::set_ordinary_timeout(t, self, type, id); });
}

void coalescing_clock::set_request_timeout(time_point t,
                                           caf::abstract_actor* self,
                                           caf::message_id id) {
  change([&] { base::set_request_timeout(t, self, id); });
}

void coalescing_clock::set_multi_timeout(time_point t,
                                         caf::abstract_actor* self,
                                         caf::atom_value type,
                                         std::uint64_t id) {
  change([&] { base::set_multi_timeout(t, self, type, id); });
}

void coalescing_clock::cancel_ordinary_timeout(caf::abstract_actor* self,
                                               caf::atom_value type) {
  change([&] { base::cancel_ordinary_timeout(self, type); });
}

void coalescing_clock::cancel_request_timeout(caf::abstract_actor* self,
                                              caf::message_id id) {
  change([&] { base::cancel_request_timeout(self, id); });
}

void coalescing_clock::cancel_timeouts(caf::abstract_actor* self) {
  events dropped; // destroyed after the lock is released
  change([&] {
    auto [first, last] = actor_lookup_.equal_range(self->id());
    for (auto i = first; i != last; ++i) {
      dropped.push_back(std::move(i->second->second));
      schedule_.erase(i->second);
    }
    actor_lookup_.erase(first, last);
  });
}

void coalescing_clock::schedule_message(time_point t,
                                        caf::strong_actor_ptr receiver,
                                        caf::mailbox_element_ptr content) {
  change([&] {
    auto id = receiver->id();
    auto i
      = schedule_.emplace(t, std::make_unique<actor_msg>(t, std::move(receiver),
                                                         std::move(content)));
    // Lets its receiver cancel it.
    i->second->backlink = actor_lookup_.emplace(id, i);
  });
}

void coalescing_clock::schedule_message(time_point t, caf::group target,
                                        caf::strong_actor_ptr sender,
                                        caf::message content) {
  change([&] {
    base::schedule_message(t, std::move(target), std::move(sender),
                           std::move(content));
  });
}

void coalescing_clock::cancel_all() {
  schedule_map dropped; // destroyed after the lock is released
  change([&] {
    actor_lookup_.clear();
    dropped = std::exchange(schedule_, {});
  });
}

coalescing_clock::events coalescing_clock::take_due(time_point now) {
  events due;
  while (!schedule_.empty() && schedule_.begin()->first <= now) {
    auto i = schedule_.begin();
    if (i->second->backlink != actor_lookup_.end())
      actor_lookup_.erase(i->second->backlink);
    due.push_back(std::move(i->second));
    schedule_.erase(i);
  }
  return due;
}

void coalescing_clock::serve() {
  std::unique_lock guard{mutex_};
  while (!stopped_) {
    auto due = take_due(now());
    if (!due.empty()) {
      // The thread is awake, so nothing has to wake it.
      wakes_at_ = time_point::min();
      guard.unlock();
      for (auto& event : due)
        ship(*event);
      due.clear();
      guard.lock();
    } else if (schedule_.empty()) {
      wakes_at_ = time_point::max();
      earlier_.wait(guard);
    } else {
      wakes_at_ = schedule_.begin()->first;
      earlier_.wait_until(guard, wakes_at_);
    }
  }
  guard.unlock();
  cancel_all();
}

void coalescing_clock::stop() {
  std::lock_guard guard{mutex_};
  stopped_ = true;
  earlier_.notify_one();
}

std::size_t coalescing_clock::waiting() {
  std::lock_guard guard{mutex_};
  return schedule_.size();
}

} // namespace hearth
