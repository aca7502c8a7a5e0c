// The jobs of a context: its slots, and the limits that depend on them.

#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/contexts/context.hpp"
#include "actors/jobs/job.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace hearth {

namespace {

using phase = context_machine::phase;

/// Sends the context the same request again once its agent has reported the
/// job, and passes the answer on.
template <class... Ts>
caf::result<job_record> when_claimed(context_actor_state& st, Ts... xs) {
  auto promise = st.self->make_response_promise<job_record>();
  auto again = [self = st.self, promise, xs...] {
    self->request(context_actor{self}, caf::infinite, xs...)
      .then(
        [promise](job_record& x) mutable { promise.deliver(std::move(x)); },
        [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
  };
  auto give_up = [promise]() mutable {
    promise.deliver(caf::make_error(caf::sec::request_receiver_down));
  };
  st.unclaimed.after_claim(again, give_up);
  return promise;
}

/// Names the settings of a request that a context does not have, or has with
/// another value; "" if there are none. Values can be secret.
std::string others_in(const settings_map& asked, const settings_map& own) {
  std::string result;
  for (auto& [key, value] : asked) {
    auto i = own.find(key);
    // It says for whom this one job runs.
    auto fits = key == "spark.proxy.user"
                || (i != own.end() && flat_text(i->second) == flat_text(value));
    if (!fits)
      result += (result.empty() ? "" : ", ") + key;
  }
  return result;
}

} // namespace

caf::result<job_record> context_actor_state::run(job_request& x) {
  auto& name = spec.record.name;
  if (auto others = others_in(x.settings, spec.settings); !others.empty())
    return make_error(ec::bad_request,
                      "context " + name
                        + " was made with other settings: " + others
                        + "; settings count for a job without the parameter "
                          "'context', which gets a context of its own");
  if (machine.coming_back())
    return wants_queue(x) ? enqueue(x) : hold(x);
  switch (machine.now()) {
    case phase::running:
      break;
    case phase::starting:
      return make_error(ec::context_not_ready,
                        "context " + name + " is still starting");
    case phase::stopping:
    case phase::failing:
      return make_error(ec::context_stopping, "Context stop in progress");
    default:
      return context_gone(name);
  }
  if (too_old)
    return make_error(ec::context_stopping,
                      "Context stop in progress: it is older than its "
                      "max-lifetime and ends with its last job");
  // A job may have given back a slot before its `job_done` has arrived here.
  next_in_queue();
  if (is_full())
    return wants_queue(x) ? enqueue(x) : no_slot();
  return self->delegate(spawn_job(std::move(x)), atom::run_v);
}

std::shared_ptr<job_spec> context_actor_state::spec_of(std::string id) const {
  auto j = std::make_shared<job_spec>();
  j->id = std::move(id);
  j->context_id = spec.record.id;
  j->context_name = spec.record.name;
  j->max_result = spec.policy.max_result;
  j->longest_wait = spec.policy.longest_wait;
  j->kill_timeout = spec.policy.kill_timeout;
  j->escalation = spec.policy.escalation;
  j->link = link;
  j->context = self;
  j->services = spec.services;
  j->slot = std::make_shared<job_slot>(spec.slots);
  return j;
}

bool context_actor_state::is_full() const noexcept {
  return spec.slots->taken() >= static_cast<std::size_t>(spec.policy.max_jobs);
}

caf::error context_actor_state::no_slot() const {
  return make_error(ec::no_slots,
                    no_slot_text(spec.record.name, spec.slots->taken()));
}

void context_actor_state::take_slot(child_job& job) {
  job.slot->take();
  job.had_slot = true;
  timers.idle.cancel();
}

/// To be called whenever something of that may have changed.
void context_actor_state::show_slots() {
  auto refuses
    = machine.now() == phase::running && !too_old && !spec.policy.queue;
  spec.slots->refuse_at(refuses ? static_cast<std::size_t>(spec.policy.max_jobs)
                                : 0);
}

/// A job that takes a slot.
job_actor context_actor_state::spawn_child(std::shared_ptr<job_spec> x) {
  // Before the job can give it back.
  x->slot->take();
  auto& child = add_child(std::move(x));
  child.had_slot = true;
  timers.idle.cancel();
  return child.actor;
}

/// A job that has no slot yet.
child_job& context_actor_state::add_child(std::shared_ptr<job_spec> x) {
  auto id = x->id;
  child_job child;
  child.slot = x->slot;
  child.main_class = x->request.main_class;
  child.start_time = now_ms();
  child.actor = self->spawn<caf::monitored>(job, std::move(x));
  spec.services->jobs->put(id, spec.record.id, child.actor);
  return jobs.insert_or_assign(id, std::move(child)).first->second;
}

job_actor context_actor_state::spawn_job(job_request&& x,
                                         std::chrono::milliseconds waited) {
  auto j = spec_of(x.id.empty() ? make_uuid() : std::move(x.id));
  j->waited = waited;
  j->request = std::move(x);
  return spawn_child(std::move(j));
}

caf::result<job_record> context_actor_state::kill(const std::string& id,
                                                  bool force) {
  if (unclaimed.holds(id))
    return when_claimed(*this, atom::kill_v, id, force);
  auto i = jobs.find(id);
  if (i == jobs.end())
    return make_error(ec::job_not_running, "No running job with ID " + id);
  return self->delegate(i->second.actor, atom::kill_v, force);
}

caf::result<job_record> context_actor_state::await(const std::string& id,
                                                   std::int64_t ms) {
  if (unclaimed.holds(id))
    return when_claimed(*this, atom::await_v, id, ms);
  auto i = jobs.find(id);
  if (i == jobs.end())
    return make_error(ec::job_not_running, "No running job with ID " + id);
  return self->delegate(i->second.actor, atom::await_v, ms);
}

void context_actor_state::job_done(const std::string& job, bool failed) {
  auto i = jobs.find(job);
  if (i == jobs.end())
    return;
  auto had_slot = i->second.had_slot;
  leave_queue(i->second);
  i->second.slot->release(); // given just now to a job that was over
  jobs.erase(i);
  after_job(job, had_slot, failed);
  finish_if_empty();
}

/// Decides what the end of a job means for other jobs and for the context
/// itself.
void context_actor_state::after_job(const std::string& job, bool had_slot,
                                    bool failed) {
  if (!had_slot || machine.now() != phase::running)
    return;
  if (spec.record.ad_hoc)
    return act(machine.stop(false));
  if (failed && spec.policy.stop_on_job_error)
    return recycle(
      {"its job " + job + " failed (setting stop-context-on-job-error)",
       {},
       {},
       {}});
  next_in_queue();
  watch_idle();
}

void context_actor_state::watch_idle() {
  if (spec.slots->taken() > 0)
    return;
  if (too_old)
    recycle({"it was older than its max-lifetime of "
               + std::to_string(spec.policy.max_lifetime.count()) + " ms",
             {},
             {},
             {}});
  else if (spec.policy.idle_timeout.count() > 0)
    self->delayed_send(self, spec.policy.idle_timeout, atom::expire_v,
                       atom::idle_v, timers.idle.arm());
}

void context_actor_state::expire_idle(std::uint64_t generation) {
  if (!timers.idle.counts(generation) || machine.now() != phase::running)
    return;
  act(machine.stop(false, {"no job came within its idle-timeout of "
                             + std::to_string(spec.policy.idle_timeout.count())
                             + " ms",
                           {},
                           {},
                           {}}));
}

void context_actor_state::expire_lifetime(std::uint64_t generation) {
  if (!timers.lifetime.counts(generation) || machine.now() != phase::running)
    return;
  // Jobs that run are let finish.
  too_old = true;
  show_slots();
  watch_idle();
}

} // namespace hearth
