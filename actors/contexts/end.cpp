// The way out of a context: failures, the steps that end its process, the end
// that is stored.

#include <csignal>
#include <functional>
#include <utility>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/contexts/context.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::seconds store_pause{1};
constexpr std::chrono::seconds drivers_deadline{30};

/// How long a request for a context that ends waits until the end is stored.
constexpr std::chrono::seconds readers_patience{1};

/// How long the last frames of a process that has ended may take to be read.
/// Usually its link closes sooner, unless a process that it started still has
/// the socket.
constexpr std::chrono::milliseconds last_words_time{1000};

using action = context_machine::action;
using phase = context_machine::phase;

} // namespace

void context_actor_state::expire_stop() {
  auto pending = std::move(stoppers);
  stoppers.clear();
  for (auto& promise : pending)
    promise.deliver(
      make_error(ec::context_stop_pending,
                 problem{"context " + spec.record.name + " is being stopped",
                         {},
                         {},
                         spec.record.name}));
}

void context_actor_state::expire_step(std::uint64_t generation) {
  if (timers.step.counts(generation))
    act(machine.tick());
}

void context_actor_state::begin_failure(problem reason, action step) {
  spdlog::error("context {}: {}", spec.record.name, reason.message);
  auto a = machine.failed(std::move(reason), step);
  if (a == action::none)
    return;
  abort_jobs(false);
  act(a);
}

void context_actor_state::end_process(problem reason) {
  // A streaming context gets the time to stop in order once more, but not
  // again.
  auto step = spec.policy.streaming ? action::ask : action::kill;
  if (machine.now() == phase::running)
    begin_failure(std::move(reason), step);
  else
    act(machine.hurry());
}

caf::result<context_record> context_actor_state::stop(bool force) {
  if (machine.over())
    return context_gone(spec.record.name);
  auto promise = self->make_response_promise<context_record>();
  stoppers.push_back(promise);
  self->delayed_send(self, spec.policy.deletion_timeout, atom::expire_v,
                     atom::stop_v);
  abort_jobs(false);
  act(machine.stop(force));
  return promise;
}

void context_actor_state::process_gone(const launch::process_exit& exit) {
  // Late news: once more, or of the process before.
  if (exit.process == seen_off
      || (process_known && exit.process != spec.record.process))
    return;
  if (!link)
    return process_over(exit);
  // The end of the process may be noticed before its last frames are read: why
  // it cannot start, or the results of its jobs.
  if (last_words)
    return;
  last_words = exit;
  self->delayed_send(self, last_words_time, atom::expire_v, atom::last_words_v,
                     timers.last_words.arm());
}

void context_actor_state::expire_last_words(std::uint64_t generation) {
  if (last_words && timers.last_words.counts(generation))
    process_over(*last_words);
}

void context_actor_state::process_over(launch::process_exit exit) {
  last_words.reset();
  seen_off = exit.process;
  spdlog::info("context {}: its process {} ended: {}", spec.record.name,
               exit.process.pid, to_string(exit));
  if (!process_known && !machine.over()) {
    // It ended before we heard that it had started.
    spec.record.process = exit.process;
    process_known = true;
  }
  note("process " + std::to_string(exit.process.pid)
       + " ended: " + to_string(exit));
  act(machine.exited(exit, steady_now()));
}

void context_actor_state::act(action a) {
  observe();
  auto signal = [this](int signum) {
    note(signum == SIGTERM ? "SIGTERM to its processes"
                           : "SIGKILL to its processes");
    if (process_known)
      spec.services->launcher->signal_group(spec.record.process, signum);
    arm_step(spec.policy.kill_timeout);
  };
  switch (a) {
    case action::none:
      return;
    case action::prepare:
      prepare();
      return;
    case action::open:
      open();
      return;
    case action::launch:
      resolve_and_launch();
      return;
    case action::pause:
      pause();
      return;
    case action::ask:
      ask_to_stop();
      return;
    case action::terminate:
      signal(SIGTERM);
      return;
    case action::kill:
      signal(SIGKILL);
      return;
    case action::finish:
      finish();
      return;
  }
}

void context_actor_state::arm_step(std::chrono::milliseconds after) {
  self->delayed_send(self, after, atom::expire_v, atom::step_v,
                     timers.step.arm());
}

void context_actor_state::ask_to_stop() {
  if (!link) {
    act(machine.tick());
    return;
  }
  auto grace = machine.now() == phase::failing ? spec.policy.kill_timeout
                                               : spec.policy.deletion_timeout;
  note("asked its agent to stop it");
  link->send(protocol::stop_frame(static_cast<std::uint64_t>(grace.count())));
  arm_step(grace);
}

void context_actor_state::abort_jobs(bool gone) {
  auto what = "Unexpected termination of context " + spec.record.name;
  if (!machine.reason().message.empty())
    what += ": " + machine.reason().message;
  auto error_class = std::string{"spark.jobserver.ContextTerminatedException"};
  auto stack = error_class + ": " + what;
  if (!log_end.empty())
    stack += "\n\n" + log_end;
  for (auto& [id, child] : jobs)
    // A job that waits for a slot may get one of the next process.
    if (!child.waits() || !machine.coming_back())
      self->send(child.actor, atom::abort_v,
                 problem{what, error_class, stack, {}}, gone);
}

/// Reads the last lines of the log of a process that failed, for its jobs and
/// its record.
void context_actor_state::with_log(std::function<void()> then) {
  if (machine.now() != phase::error && jobs.empty()) {
    then();
    return;
  }
  auto done = [this, then](std::string& end) {
    log_end = std::move(end);
    then();
  };
  self
    ->request(spec.services->drivers, drivers_deadline, atom::get_v,
              spec.record.id)
    .then(done, [then](caf::error&) { then(); });
}

void context_actor_state::drop_process() {
  if (process_known) {
    // Ends the processes that the leader has left in its group, too.
    spec.services->launcher->signal_group(spec.record.process, SIGKILL);
    spec.services->launcher->forget(spec.record.process);
    process_known = false;
  }
  timers.init.cancel();
  timers.step.cancel();
  if (link)
    link->close();
  link = nullptr;
  lost_reason.clear();
  process_stopped = process_missed = false;
  for (auto& record : unclaimed.take())
    adopt(record);
  unclaimed.claimed();
}

void context_actor_state::finish() {
  spec.record.end_time = now_ms();
  drop_process();
  self->send(spec.services->binaries, atom::release_v, spec.record.id);
  auto wind_up = [this] {
    abort_jobs(true);
    wound_up = true;
    finish_if_empty();
  };
  auto cleared = [this, wind_up] {
    if (machine.now() == phase::finished)
      wind_up();
    else
      with_log(wind_up);
  };
  self
    ->request(spec.services->drivers, drivers_deadline, atom::erase_v,
              spec.record.id)
    .then([cleared](atom::ok) { cleared(); },
          [cleared](caf::error&) { cleared(); });
}

void context_actor_state::finish_if_empty() {
  if (wound_up && jobs.empty() && dead_jobs.empty())
    store_end();
}

void context_actor_state::store_end() {
  auto last = snapshot();
  if (machine.now() == phase::error && last.reason.error_class.empty())
    last.reason.error_class = "hearth.ContextFailed";
  if (!log_end.empty())
    last.reason.stack += (last.reason.stack.empty() ? "" : "\n\n") + log_end;
  // Nobody can ask for a context that was never stored because the disk was
  // full.
  if (unknown_to_store)
    return end_stored(std::move(last));
  self->request(spec.services->store, store_deadline, atom::put_v, last)
    .then([this, last](atom::ok) { end_stored(last); },
          [this, last](caf::error& e) {
            // The context did not start, whether or not its record can be
            // stored.
            answer_starters(last);
            spdlog::error("context {}: its end is not stored yet: {}",
                          spec.record.name, problem_of(e).message);
            show(snapshot());
            self->delayed_send(self, store_pause, atom::retry_end_v);
          });
}

void context_actor_state::answer_starters(context_record last) {
  if (last.reason.message.empty())
    last.reason.message = "context " + last.name + " was stopped";
  for (auto& promise : std::exchange(starters, {}))
    promise.deliver(make_error(start_error, last.reason));
}

void context_actor_state::end_stored(context_record last) {
  show(last);
  answer_starters(last);
  if (last.reason.message.empty())
    last.reason.message = "context " + last.name + " was stopped";
  turn_away(make_error(ec::context_terminated,
                       "context " + last.name
                         + " did not come back: " + last.reason.message));
  for (auto& promise : stoppers)
    promise.deliver(last);
  self->quit();
}

caf::result<context_record> context_actor_state::get() {
  if (!machine.over())
    return snapshot();
  if (readers.empty())
    self->delayed_send(self, readers_patience, atom::expire_v, atom::readers_v);
  readers.push_back(self->make_response_promise<context_record>());
  return readers.back();
}

void context_actor_state::expire_readers() {
  show(snapshot());
}

void context_actor_state::show(const context_record& x) {
  for (auto& promise : std::exchange(readers, {}))
    promise.deliver(x);
}

} // namespace hearth
