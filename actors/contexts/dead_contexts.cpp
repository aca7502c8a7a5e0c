// Contexts whose actors died, because of a bug in the server or because
// somebody ended them. `~context_actor_state` has ended their processes. Here
// their jobs are told, and the ends of both are stored.

#include <algorithm>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/contexts/supervisor.hpp"
#include "base/clock.hpp"

namespace hearth {

namespace {

constexpr std::chrono::seconds store_deadline{60};
constexpr std::chrono::seconds store_pause{1};

std::string what_happened(const std::string& name) {
  return "the server failed while it managed context " + name
         + ", whose process was ended; its log says more";
}

problem lost_job(const std::string& context) {
  auto what = "Unexpected termination of context " + context + ": "
              + what_happened(context);
  auto error_class = std::string{"spark.jobserver.ContextTerminatedException"};
  return {what, error_class, error_class + ": " + what, {}};
}

} // namespace

void supervisor_state::context_down(const caf::down_msg& down) {
  auto i = std::find_if(contexts.begin(), contexts.end(), [&](auto& entry) {
    return entry.second.actor.address() == down.source;
  });
  if (i == contexts.end())
    return;
  if (down.reason)
    bury(i->first, i->second, down.reason);
  else
    drop(i); // its end is stored
}

void supervisor_state::bury(const std::string& name, context_entry& entry,
                            const caf::error& reason) {
  spdlog::error("context {}: its actor died: {}", name, caf::to_string(reason));
  entry.dead = true;
  spec.open->erase(name);
  auto& parts = *spec.services;
  for (auto& job : parts.jobs->jobs_of(entry.id))
    self->send(job, atom::disowned_v, lost_job(name));
  self->send(parts.binaries, atom::release_v, entry.id);
  caf::anon_send(parts.drivers, atom::erase_v, entry.id);
  store_dead_context(name);
}

void supervisor_state::store_dead_context(const std::string& name) {
  auto i = contexts.find(name);
  if (i == contexts.end() || !i->second.dead)
    return;
  auto again = [this, name](const caf::error& e) {
    spdlog::error("context {}: its end is not stored yet: {}", name,
                  problem_of(e).message);
    self->delayed_send(self, store_pause, atom::retry_end_v, name);
  };
  auto store = [this, name, again](context_record r) {
    auto end = now_ms();
    r.state = context_state::error;
    r.end_time = r.since = end;
    ++r.state_version;
    r.reason = {what_happened(name), "hearth.ContextFailed", {}, {}};
    // Its jobs have to be stored first, because nobody would try again once the
    // context is forgotten.
    end_lost_jobs(r, [this, name, again, r](const caf::error& e) {
      if (e)
        return again(e);
      self->request(spec.services->store, store_deadline, atom::put_v, r)
        .then([this, name, r](atom::ok) { forget(name, r.id); }, again);
    });
  };
  auto initial = i->second.record;
  self
    ->request(spec.services->store, store_deadline, atom::get_v,
              atom::by_name_v, name)
    .then(
      [this, store, initial](context_record& known) {
        if (known.id != initial.id)
          store(initial);
        else if (is_final(known.state))
          forget(known.name, known.id);
        else
          store(std::move(known));
      },
      [store, again, initial](const caf::error& e) {
        if (code_of(e) == ec::context_unknown)
          store(initial);
        else
          again(e);
      });
}

/// Stores the ends of the context's jobs that had no actor: an actor that had
/// ended already, or none yet, because the agent had not reported the job.
/// @param done called once, with an error if not all ends are stored
void supervisor_state::end_lost_jobs(
  const context_record& context, std::function<void(const caf::error&)> done) {
  struct progress {
    std::size_t open = 1; ///< requests, and the loop that makes them
    caf::error failure{};
  };
  auto all = std::make_shared<progress>();
  auto one = [all, done](caf::error e) {
    if (e)
      all->failure = std::move(e);
    if (--all->open == 0)
      done(all->failure);
  };
  auto failed = [one](caf::error& e) { one(std::move(e)); };
  auto end
    = [this, context, all, one, failed](const std::vector<job_record>& jobs) {
        for (auto& job : jobs) {
          if (job.context_id != context.id || spec.services->jobs->find(job.id))
            continue;
          ++all->open;
          self
            ->request(spec.services->store, store_deadline, atom::update_v,
                      job_update{job.id,
                                 job_state::error,
                                 now_ms(),
                                 lost_job(context.name),
                                 {},
                                 0,
                                 job.run_time},
                      durability::flushed)
            .then([one](atom::ok) { one({}); }, failed);
        }
        one({});
      };
  for (auto state :
       {job_state::started, job_state::running, job_state::restarting}) {
    ++all->open;
    self
      ->request(spec.services->store, store_deadline, atom::list_v,
                job_filter{-1, true, state})
      .then(end, failed);
  }
  one({});
}

} // namespace hearth
