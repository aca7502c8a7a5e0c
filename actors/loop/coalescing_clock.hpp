/// The actor system's clock, made for time-outs that are nearly always
/// cancelled. `io_scheduler` owns it.
///
/// CAF's own clock wakes its thread whenever a time-out is set or cancelled,
/// which is some ten times for each job. This one wakes its thread only for a
/// time-out that is due before all others. It also drops the delayed messages
/// to an actor that cancels its time-outs; CAF's clock keeps them, and with
/// them the actor, until they are due.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include <caf/detail/thread_safe_actor_clock.hpp>

namespace hearth {

/// Thread-safe. Its lock is never held while messages are delivered or
/// destroyed: either may run code of an actor, which may use the clock.
class coalescing_clock final : public caf::detail::thread_safe_actor_clock {
public:
  using base = caf::detail::simple_actor_clock;

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self,
                            caf::atom_value type, std::uint64_t id) override;
  void set_request_timeout(time_point t, caf::abstract_actor* self,
                           caf::message_id id) override;
  void set_multi_timeout(time_point t, caf::abstract_actor* self,
                         caf::atom_value type, std::uint64_t id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self,
                               caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self,
                              caf::message_id id) override;

  /// Also drops the delayed messages to that actor.
  void cancel_timeouts(caf::abstract_actor* self) override;

  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point t, caf::group target,
                        caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

  /// Delivers time-outs and messages that are due, until `stop`. The clock's
  /// thread runs it.
  void serve();

  void stop();

  /// Returns how many time-outs and messages are scheduled.
  std::size_t waiting();

private:
  using events = std::vector<unique_delayed_event_ptr>;

  template <class F>
  void change(F f);

  /// Removes the events that are due from the schedule and returns them. The
  /// caller holds the lock.
  events take_due(time_point now);

  std::mutex mutex_; ///< guards the inherited members, too
  std::condition_variable earlier_;
  /// When the clock's thread wakes up by itself.
  time_point wakes_at_ = time_point::max();
  bool stopped_ = false;
};

} // namespace hearth
