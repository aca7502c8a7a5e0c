/// The actor system's clock, for requests and messages that are nearly always
/// cancelled.
///
/// CAF's own wakes its thread for every deadline that is set or lifted, which
/// is some ten times a job. This one wakes its thread only for a deadline
/// before all others. It also drops delayed messages to an actor that cancels
/// its time-outs; CAF's keeps them, and the actor, until they are due.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>

namespace hearth {

/// Thread-safe. `trigger` is what its thread runs.
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

  /// Delayed messages to it as well.
  void cancel_timeouts(caf::abstract_actor* self) override;

  void schedule_message(time_point t, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point t, caf::group target,
                        caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

  /// Sends what is due, until `stop`.
  void serve();

  void stop();

  /// How many deadlines and messages wait.
  std::size_t waiting();

private:
  template <class F>
  void change(F f);

  std::mutex mutex_; ///< guards all that is inherited, too
  std::condition_variable earlier_;
  time_point wakes_at_ = time_point::max(); ///< its thread, by itself
  bool stopped_ = false;
};

/// CAF's scheduler of that policy, with this clock.
class coalescing_scheduler final
  : public caf::scheduler::coordinator<caf::policy::work_sharing> {
public:
  using base = caf::scheduler::coordinator<caf::policy::work_sharing>;
  using base::base;

  static caf::actor_system::module* make(caf::actor_system& system,
                                         caf::detail::type_list<>);

  coalescing_clock& clock() noexcept override {
    return clock_;
  }

protected:
  void start() override;
  void stop() override;

private:
  coalescing_clock clock_;
  std::thread thread_;
};

} // namespace hearth
