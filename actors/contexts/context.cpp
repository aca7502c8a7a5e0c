#include "actors/contexts/context.hpp"

#include <csignal>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "actors/contexts/frame_router.hpp"
#include "actors/jobs/file_requests.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"

namespace hearth {

namespace {

using phase = context_machine::phase;

} // namespace

context_actor_state::~context_actor_state() {
  if (!spec.services)
    return;
  if (link && !left_alone)
    link->close();
  if (process_known && !left_alone) {
    spec.services->launcher->signal_group(spec.record.process, SIGKILL);
    spec.services->launcher->forget(spec.record.process);
  }
  auto died = make_error(ec::internal,
                         problem{"the server failed while it managed context "
                                   + spec.record.name + "; its log says more",
                                 {},
                                 {},
                                 spec.record.name});
  for (auto* promises : {&starters, &stoppers, &readers})
    for (auto& promise : *promises)
      promise.deliver(died);
  for (auto& waiting : arrivals.take_all())
    waiting.client.deliver(died);
  unclaimed.abandon();
}

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
  timers.redial.cancel();
  process_stopped = false;
  if (!std::exchange(lost_reason, {}).empty())
    note("its agent is back");
  // This has to be done before `accept`: the agent then reports again how those
  // jobs ended.
  claim_jobs(x.hello);
  connect();
  next_in_queue();
  if (now == phase::stopping || now == phase::draining)
    link->send(protocol::stop_frame(
      static_cast<std::uint64_t>(spec.policy.kill_timeout.count())));
}

/// From now on frames of the link go to those that they are about.
void context_actor_state::connect() {
  auto router = std::make_shared<frame_router>(
    spec.services->jobs, caf::actor_cast<caf::weak_actor_ptr>(self),
    link.get());
  // This has to be the first call, because frames that are sent before it are
  // lost.
  link->accept(
    [router](protocol::frame frame) { router->frame(std::move(frame)); },
    [router](std::string reason) { router->closed(std::move(reason)); });
  for (auto& [id, child] : jobs)
    self->send(child.actor, agent_hello{link, {}});
  try {
    router->open();
  } catch (const protocol::protocol_error& e) {
    spdlog::error("context {}: its agent breaks the protocol: {}",
                  spec.record.name, e.what());
    link->close();
  }
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
      act(machine.ready(steady_now()));
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
  // Its job is over, or was never known.
  auto id = protocol::parse_job(x.frame);
  if (x.frame.kind == protocol::kind::job_ended
      || x.frame.kind == protocol::kind::job_refused)
    // Nobody waits for the job any more, so the agent may forget it.
    link->send(protocol::job_stored_frame(id));
  else if (x.frame.kind == protocol::kind::read_file)
    link->send(refusal_of(protocol::parse_read_file(x.frame),
                          "job " + id + " is over", x.frame.lease));
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
                     atom::redial_v, timers.redial.arm());
}

void context_actor_state::expire_redial(std::uint64_t generation) {
  if (timers.redial.counts(generation) && !link)
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

millis context_actor_state::steady_now() const {
  auto since_start = self->clock().now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_start)
    .count();
}

std::vector<status_actor> context_actor_state::children() const {
  std::vector<status_actor> result;
  for (auto& [id, child] : jobs)
    result.emplace_back(child.actor);
  return result;
}

} // namespace hearth
