#include "actors/contexts/context.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "actors/jobs/file_requests.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace hearth {

namespace {

using phase = context_machine::phase;

} // namespace

context_record context_actor_state::snapshot() const {
  auto result = spec.record;
  result.state = machine.state();
  result.reason = machine.reason();
  if (result.reason.message.empty())
    result.reason.message = trouble();
  return result;
}

void context_actor_state::attach(agent_hello& x) {
  auto now = machine.now();
  if (!same_secret(x.hello.token, token) || machine.over()
      || now == phase::failing || now == phase::waiting) {
    x.link->reject("context " + spec.record.name
                   + " does not know this agent, or gave it up");
    return;
  }
  if (link)
    link->close();
  link = std::move(x.link);
  ++redial_generation;
  process_stopped = false;
  if (!std::exchange(lost_reason, {}).empty())
    note("its agent is back");
  // Before accept: the agent then says again what became of them.
  claim_orphans(x.hello);
  // Weak: a link outlives its context's actor for as long as it takes to
  // close, and must not keep it alive.
  auto me = caf::actor_cast<caf::weak_actor_ptr>(self);
  auto deliver = [me](auto message) {
    if (auto strong = me.lock())
      caf::anon_send(caf::actor_cast<context_actor>(strong),
                     std::move(message));
  };
  auto from = link.get();
  link->accept(
    [=](protocol::frame f) {
      deliver(agent_frame{from, std::move(f)});
    },
    [=](std::string reason) {
      deliver(agent_closed{from, std::move(reason)});
    });
  for (auto& [id, child] : jobs)
    self->send(child.actor, agent_hello{link, {}});
  next_in_queue();
  if (now == phase::stopping || now == phase::draining)
    link->send(protocol::stop_frame(
      static_cast<std::uint64_t>(spec.policy.kill_timeout.count())));
}

void context_actor_state::handle(agent_frame& x) {
  if (x.link != link.get())
    return;
  switch (x.frame.kind) {
    case protocol::kind::context_ready: {
      auto ready = protocol::parse_context_ready(x.frame);
      spec.record.application_id = std::move(ready.application_id);
      spec.record.web_url = std::move(ready.web_url);
      spec.record.version = std::move(ready.version);
      act(machine.ready(now_ms()));
      return;
    }
    case protocol::kind::context_failed: {
      auto why = protocol::parse_context_failed(x.frame);
      begin_failure({std::move(why.message),
                     std::move(why.error_class),
                     std::move(why.stack),
                     {}});
      return;
    }
    case protocol::kind::stopping:
    case protocol::kind::log:
      return;
    default:
      break;
  }
  auto id = protocol::parse_job(x.frame);
  auto i = jobs.find(id);
  if (i != jobs.end())
    self->send(i->second.actor, std::move(x));
  else if (x.frame.kind == protocol::kind::job_ended
           || x.frame.kind == protocol::kind::job_refused)
    // Nobody waits for it any more; let the agent forget it.
    link->send(protocol::job_stored_frame(id));
  else if (x.frame.kind == protocol::kind::read_file)
    link->send(
      refusal_of(protocol::parse_read_file(x.frame), "job " + id + " is over"));
}

void context_actor_state::link_closed(const agent_closed& x) {
  if (x.link != link.get())
    return;
  link = nullptr;
  if (last_words)
    return process_over(*last_words);
  auto now = machine.now();
  if (now != phase::starting && now != phase::running && now != phase::reviving
      && now != phase::recovering)
    return;
  spdlog::warn("context {}: lost its agent: {}", spec.record.name, x.reason);
  lost_reason = x.reason;
  note("lost its agent: " + x.reason);
  self->delayed_send(self, spec.policy.redial_timeout, atom::expire_v,
                     atom::redial_v, ++redial_generation);
}

void context_actor_state::expire_redial(std::uint64_t generation) {
  if (generation == redial_generation && !link)
    begin_failure(
      {machine.now() == phase::recovering
         ? "the context's process lives, but its agent did not report to the "
           "server within "
             + std::to_string(spec.policy.recovery_timeout.count())
             + " ms of its start"
         : "the context's process lives, but its agent was lost: "
             + lost_reason,
       {},
       {},
       {}});
}

std::vector<status_actor> context_actor_state::children() const {
  std::vector<status_actor> result;
  for (auto& [id, child] : jobs)
    result.emplace_back(child.actor);
  return result;
}

} // namespace hearth
