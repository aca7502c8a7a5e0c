#include "actors/loop/io_scheduler.hpp"

#include <array>
#include <atomic>
#include <deque>
#include <mutex>
#include <utility>

#include <asio/post.hpp>
#include <caf/all.hpp>

#include "actors/loop/stopwatch.hpp"
#include "base/loop_watch.hpp"

namespace hearth {

namespace {

/// The queue whose `run` is under way on this thread. Between two handlers the
/// io_context does not know that this thread runs it.
thread_local const void* looked_after_here = nullptr;

constexpr caf::atom_value no_message{0};

/// Returns the first atom of the message that the actor handles next. The rest
/// is left out, because messages may contain secrets.
caf::atom_value next_message(caf::resumable* x) {
  auto* actor = dynamic_cast<caf::scheduled_actor*>(x);
  if (!actor || actor->mailbox().closed() || actor->mailbox().blocked())
    return no_message;
  actor->mailbox().fetch_more();
  auto* next = actor->mailbox().peek();
  if (!next)
    return no_message;
  if (next->mid.is_response())
    return caf::atom("an answer");
  auto& content = next->content();
  auto has_atom
    = !content.empty()
      && content.type(0).first == caf::type_nr<caf::atom_value>::value;
  return has_atom ? content.get_as<caf::atom_value>(0) : no_message;
}

/// E.g. "supervisor: list", "scheduled_actor: GET /jobs".
std::string describe_turn(caf::resumable* x, std::string_view work,
                          caf::atom_value message) {
  auto* actor = dynamic_cast<caf::local_actor*>(x);
  std::string result = actor ? actor->name() : "no actor";
  if (!work.empty())
    return result + ": " + std::string{work};
  return message == no_message ? result : result + ": " + to_string(message);
}

} // namespace

/// The actors that have something to do.
class io_scheduler::queue final
  : public caf::execution_unit,
    public std::enable_shared_from_this<io_scheduler::queue> {
public:
  queue(caf::actor_system& system, asio::io_context& io)
    : caf::execution_unit(&system), io_(io) {}

  /// CAF may call this outside of turns, too, because objects that outlive a
  /// turn may still refer to this unit.
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
      asio::post(io_, [self = shared_from_this()] {
        name_work("waking actors");
        self->wake_up();
      });
  }

  /// Sets whether the loop calls `run_ready` after each round.
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

  /// Releases the actors that will never run again.
  void clear() {
    take_incoming();
    for (auto* x : std::exchange(ready_, {}))
      cleanup_and_release(x);
  }

private:
  void ask_for_turn() {
    asio::post(io_, [self = shared_from_this()] {
      self->turn();
      name_work("turns of actors"); // each of which had its own name
    });
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
    watch_.start();
    for (std::size_t n = 0; n < longest_turn && !ready_.empty(); ++n) {
      auto* x = ready_.front();
      ready_.pop_front();
      // A spawn sets CAF's logger, which then takes a lock at each step to know
      // which actor writes. Nobody reads that log.
      caf::logger::set_current_actor_system(nullptr);
      if (resume(x) == caf::resumable::resume_later)
        ready_.push_back(x);
      else
        caf::intrusive_ptr_release(x);
    }
    has_turn_ = !ready_.empty();
    if (has_turn_ && !is_looked_after_)
      ask_for_turn();
  }

  /// Gives the actor its turn and measures it. Finding out the name of a
  /// message costs time, so that is done only for actors that were too slow
  /// lately; each of their messages gets a turn of its own.
  caf::resumable::resume_result resume(caf::resumable* x) {
    auto slow = was_slow(x);
    auto message = slow ? next_message(x) : no_message;
    auto result = x->resume(this, slow ? 1 : messages_at_once);
    auto describe
      = [&](std::string_view work) { return describe_turn(x, work, message); };
    if (watch_.turn_ended(describe) && !slow)
      slow_[next_slow_++ % slow_.size()]
        = {x, watch_.started() + time_of_names};
    return result;
  }

  bool was_slow(const caf::resumable* x) const {
    for (const auto& [actor, until] : slow_)
      if (actor == x)
        return watch_.started() < until;
    return false;
  }

  /// Bounds for the time that sockets have to wait.
  static constexpr std::size_t longest_turn = 256;
  static constexpr std::size_t messages_at_once = 16;
  static constexpr std::chrono::minutes time_of_names{2};

  asio::io_context& io_;
  // The io_context's thread alone uses these six.
  std::deque<caf::resumable*> ready_;
  bool has_turn_ = false; ///< or will have
  bool is_looked_after_ = false;
  stopwatch watch_;
  /// Actors that were too slow, by their address, and until when they are
  /// looked at. One that ended may have left its address to another.
  std::array<std::pair<const caf::resumable*, stopwatch::clock::time_point>, 4>
    slow_ = {};
  std::size_t next_slow_ = 0;
  std::mutex mutex_; ///< guards what follows, but for has_incoming_
  std::vector<caf::resumable*> incoming_; ///< from other threads
  bool is_woken_ = false;                 ///< or will be
  std::atomic<bool> has_incoming_ = false;
};

io_scheduler::io_scheduler(caf::actor_system& system, asio::io_context& io)
  : abstract_coordinator(system), io_(io),
    queue_(std::make_shared<queue>(system, io)) {}

io_scheduler::~io_scheduler() = default;

void io_scheduler::run(const loop_settings& settings) {
  stopwatch watch;
  auto ours = settings;
  ours.after_round = [&] {
    auto ran = queue_->run_ready();
    watch.start();
    if (!settings.after_round())
      return ran;
    name_work("the work between rounds");
    watch.handler_ended();
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
