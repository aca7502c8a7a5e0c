#include "actors/loop/io_scheduler.hpp"

#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

#include <asio/post.hpp>
#include <caf/all.hpp>

namespace hearth {

namespace {

/// The queue whose `run` is under way on this thread, between two handlers as
/// well, where the io_context does not know its thread.
thread_local const void* looked_after_here = nullptr;

} // namespace

/// What waits to run.
class io_scheduler::queue final
  : public caf::execution_unit,
    public std::enable_shared_from_this<io_scheduler::queue> {
public:
  queue(caf::actor_system& system, asio::io_context& io)
    : caf::execution_unit(&system), io_(io) {}

  /// Not only in a turn: what outlives its turn may still name this unit.
  void exec_later(caf::resumable* x) override {
    enqueue(x);
  }

  void enqueue(caf::resumable* x) {
    if (looked_after_here == this
        || io_.get_executor().running_in_this_thread()) {
      ready_.push_back(x);
      if (!std::exchange(has_turn_, true) && !is_looked_after_)
        ask_for_turn();
      return;
    }
    std::lock_guard guard{mutex_};
    incoming_.push_back(x);
    has_incoming_ = true;
    if (!std::exchange(is_woken_, true))
      asio::post(io_, [self = shared_from_this()] { self->wake_up(); });
  }

  /// Somebody calls `run_ready` after each round, or no longer does.
  void look_after(bool on) {
    is_looked_after_ = on;
    looked_after_here = on ? this : nullptr;
    if (!on && !ready_.empty())
      ask_for_turn();
  }

  /// @returns whether an actor had anything to do
  bool run_ready() {
    if (has_incoming_)
      take_incoming();
    if (ready_.empty())
      return false;
    turn();
    return true;
  }

  void take_incoming() {
    std::lock_guard guard{mutex_};
    has_incoming_ = false;
    ready_.insert(ready_.end(), incoming_.begin(), incoming_.end());
    incoming_.clear();
  }

  /// Lets go of what will never run.
  void clear() {
    take_incoming();
    for (auto* x : std::exchange(ready_, {}))
      cleanup_and_release(x);
  }

private:
  void ask_for_turn() {
    asio::post(io_, [self = shared_from_this()] { self->turn(); });
  }

  void wake_up() {
    {
      std::lock_guard guard{mutex_};
      is_woken_ = false;
    }
    take_incoming();
    if (!is_looked_after_)
      turn();
  }

  /// Runs actors until none has anything to do, or the sockets are due.
  void turn() {
    has_turn_ = true;
    for (std::size_t n = 0; n < longest_turn && !ready_.empty(); ++n) {
      auto* x = ready_.front();
      ready_.pop_front();
      // Whoever spawns sets CAF's logger, which then takes a lock at each step
      // to know who writes. Nobody reads it.
      caf::logger::set_current_actor_system(nullptr);
      if (x->resume(this, messages_at_once) == caf::resumable::resume_later)
        ready_.push_back(x);
      else
        caf::intrusive_ptr_release(x);
    }
    has_turn_ = !ready_.empty();
    if (has_turn_ && !is_looked_after_)
      ask_for_turn();
  }

  /// Bounds of what sockets wait for.
  static constexpr std::size_t longest_turn = 256;
  static constexpr std::size_t messages_at_once = 16;

  asio::io_context& io_;
  std::deque<caf::resumable*> ready_; ///< of the io_context's thread
  bool has_turn_ = false;             ///< or will have, of the same
  bool is_looked_after_ = false;      ///< of the same
  std::mutex mutex_;
  std::vector<caf::resumable*> incoming_; ///< from other threads
  bool is_woken_ = false;                 ///< or will be
  std::atomic<bool> has_incoming_ = false;
};

io_scheduler::io_scheduler(caf::actor_system& system, asio::io_context& io)
  : abstract_coordinator(system), io_(io),
    queue_(std::make_shared<queue>(system, io)) {}

io_scheduler::~io_scheduler() = default;

void io_scheduler::run(const loop_settings& how) {
  auto ours = how;
  ours.after_round = [&] {
    auto ran = queue_->run_ready();
    if (!how.after_round())
      return ran;
    queue_->run_ready();
    return true;
  };
  queue_->look_after(true);
  run_io(io_, ours);
  queue_->look_after(false);
}

void io_scheduler::enqueue(caf::resumable* x) {
  queue_->enqueue(x);
}

void io_scheduler::start() {
  clock_thread_ = std::thread{[this] { clock_.serve(); }};
  abstract_coordinator::start();
}

void io_scheduler::stop() {
  stop_actors();
  clock_.stop();
  clock_thread_.join();
  queue_->clear();
}

} // namespace hearth
