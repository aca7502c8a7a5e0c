// The way out of a context: failures, the steps that end its process, the end
// that is stored.

#include <csignal>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/context.hpp"
#include "actors/error.hpp"
#include "actors/identity.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::seconds store_pause{1};
constexpr std::chrono::seconds log_deadline{30};

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
  if (generation == step_generation)
    act(machine.tick());
}

void context_actor_state::begin_failure(problem why) {
  spdlog::error("context {}: {}", spec.record.name, why.message);
  auto a = machine.failed(std::move(why));
  if (a == action::none)
    return;
  abort_jobs();
  act(a);
}

void context_actor_state::act(action a) {
  auto signal = [this](int signum) {
    if (process_known)
      spec.launcher->signal_group(spec.record.process, signum);
    arm_step(spec.policy.kill_timeout);
  };
  switch (a) {
    case action::none:
      return;
    case action::open:
      open();
      return;
    case action::ask:
      if (!link) {
        act(machine.tick());
        return;
      }
      link->send(protocol::stop_frame(
        static_cast<std::uint64_t>(spec.policy.deletion_timeout.count())));
      arm_step(spec.policy.deletion_timeout);
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
  self->delayed_send(self, after, atom::expire_v, atom::tick_v,
                     ++step_generation);
}

void context_actor_state::abort_jobs() {
  auto what = "Unexpected termination of context " + spec.record.name;
  if (!machine.reason().message.empty())
    what += ": " + machine.reason().message;
  auto error_class = std::string{"spark.jobserver.ContextTerminatedException"};
  for (auto& [id, child] : jobs)
    self->send(child.actor, atom::abort_v,
               problem{what, error_class, error_class + ": " + what, {}});
}

void context_actor_state::finish() {
  spec.record.end_time = now_ms();
  if (process_known) {
    // Whatever the leader left behind in its group goes as well.
    spec.launcher->signal_group(spec.record.process, SIGKILL);
    spec.launcher->forget(spec.record.process);
    process_known = false;
  }
  if (link)
    link->close();
  self->send(spec.drivers, atom::erase_v, spec.record.id);
  self->send(spec.binaries, atom::release_v, spec.record.id);
  abort_jobs();
  finish_if_empty();
}

void context_actor_state::finish_if_empty() {
  if (!machine.over() || !jobs.empty())
    return;
  if (machine.now() == phase::error)
    quote_log_and_store_end();
  else
    store_end();
}

void context_actor_state::quote_log_and_store_end() {
  auto done = [this](std::string& end) {
    if (!end.empty())
      log_end = std::move(end);
    store_end();
  };
  self->request(spec.drivers, log_deadline, atom::get_v, spec.record.id)
    .then(done, [this](caf::error&) { store_end(); });
}

void context_actor_state::store_end() {
  auto last = snapshot();
  if (machine.now() == phase::error && last.reason.error_class.empty())
    last.reason.error_class = "hearth.ContextFailed";
  if (!log_end.empty())
    last.reason.stack += (last.reason.stack.empty() ? "" : "\n\n") + log_end;
  self->request(spec.store, store_deadline, atom::put_v, last)
    .then(
      [this, last](atom::ok) {
        for (auto& promise : starters)
          promise.deliver(make_error(init_error, last.reason));
        for (auto& promise : stoppers)
          promise.deliver(last);
        self->quit();
      },
      [this](caf::error& e) {
        spdlog::error("context {}: its end is not stored yet: {}",
                      spec.record.name, problem_of(e).message);
        self->delayed_send(self, store_pause, atom::expire_v, atom::update_v);
      });
}

} // namespace hearth
