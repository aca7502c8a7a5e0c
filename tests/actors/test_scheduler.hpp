/// CAF's deterministic scheduler, for tests in which some actors have threads
/// of their own.
///
/// CAF's is not thread-safe: a detached actor that sends a message changes the
/// scheduler's queue while the test's thread reads it. Here such messages wait
/// in a second queue, under a lock, until the test's thread asks for them.
#pragma once

#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace hearth::test {

/// The thread that makes it runs the actors. Other threads may only send.
class test_scheduler final : public caf::scheduler::test_coordinator {
public:
  explicit test_scheduler(caf::actor_system& system)
    : test_coordinator(system) {}

  /// What `actor_system_config::module_factories` takes.
  static caf::actor_system::module* make(caf::actor_system& system) {
    return new test_scheduler(system);
  }

  /// Runs actors until none has anything to do.
  /// @returns how many turns that took
  std::size_t run() {
    std::size_t turns = 0;
    while (try_run_once())
      ++turns;
    return turns;
  }

  /// Gives one actor a turn. @returns false if none has anything to do
  bool try_run_once() {
    take_incoming();
    return test_coordinator::try_run_once();
  }

protected:
  void stop() override {
    while (run() > 0)
      trigger_timeouts();
  }

  void enqueue(caf::resumable* x) override {
    if (std::this_thread::get_id() == owner_)
      return test_coordinator::enqueue(x);
    std::lock_guard guard{mutex_};
    incoming_.push_back(x);
  }

private:
  void take_incoming() {
    std::vector<caf::resumable*> all;
    {
      std::lock_guard guard{mutex_};
      all.swap(incoming_);
    }
    for (auto* x : all)
      test_coordinator::enqueue(x);
  }

  const std::thread::id owner_ = std::this_thread::get_id();
  std::mutex mutex_;
  std::vector<caf::resumable*> incoming_; ///< from other threads
};

} // namespace hearth::test
