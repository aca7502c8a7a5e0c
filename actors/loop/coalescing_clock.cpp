#include "actors/loop/coalescing_clock.hpp"

#include <caf/all.hpp>

namespace hearth {

/// Changes the schedule; wakes the thread if it would sleep too long now.
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
  change([&] { base::cancel_timeouts(self); });
}

void coalescing_clock::schedule_message(time_point t,
                                        caf::strong_actor_ptr receiver,
                                        caf::mailbox_element_ptr content) {
  change([&] {
    auto id = receiver->id();
    auto i
      = schedule_.emplace(t, std::make_unique<actor_msg>(t, std::move(receiver),
                                                         std::move(content)));
    // By which its receiver can cancel it.
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
  change([&] { base::cancel_all(); });
}

void coalescing_clock::serve() {
  std::unique_lock guard{mutex_};
  while (!stopped_) {
    trigger_expired_timeouts();
    if (schedule_.empty()) {
      wakes_at_ = time_point::max();
      earlier_.wait(guard);
    } else {
      wakes_at_ = schedule_.begin()->first;
      earlier_.wait_until(guard, wakes_at_);
    }
  }
  base::cancel_all();
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

caf::actor_system::module*
coalescing_scheduler::make(caf::actor_system& system,
                           caf::detail::type_list<>) {
  return new coalescing_scheduler(system);
}

void coalescing_scheduler::start() {
  thread_ = std::thread{[this] { clock_.serve(); }};
  base::start();
}

void coalescing_scheduler::stop() {
  base::stop();
  clock_.stop();
  thread_.join();
}

} // namespace hearth
