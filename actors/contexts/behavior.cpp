// The table of contents of a context's actor: which message calls which method.

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/api/status.hpp"
#include "actors/contexts/context.hpp"

namespace hearth {

context_actor::behavior_type
context(context_actor::stateful_pointer<context_actor_state> self,
        context_spec spec) {
  auto& st = self->state;
  st.spec = std::move(spec);
  st.machine = context_machine{
    st.spec.policy, st.spec.policy.init_job != nullptr, st.spec.random};
  self->set_down_handler([=](caf::down_msg& x) { self->state.job_down(x); });
  // A server that leaves its contexts alone also lets go of their jobs.
  self->set_exit_handler([=](caf::exit_msg& x) {
    self->state.left_alone = x.reason == caf::exit_reason::user_shutdown;
    if (self->state.left_alone)
      for (auto& [id, child] : self->state.jobs)
        self->send_exit(child.actor, x.reason);
    self->quit(x.reason);
  });
  return {
    [=](atom::start) { return self->state.start(); },
    [=](atom::run, job_request& x) { return self->state.run(x); },
    [=](atom::await, const std::string& job, std::int64_t ms) {
      return self->state.await(job, ms);
    },
    [=](atom::kill, const std::string& job, bool force) {
      return self->state.kill(job, force);
    },
    [=](atom::kill, problem& why) { self->state.end_process(std::move(why)); },
    [=](atom::restart, bool hold) { return self->state.restart(hold); },
    [=](atom::recover) { self->state.recover(); },
    [=](atom::stop, bool force) { return self->state.stop(force); },
    [=](atom::get) { return self->state.get(); },
    [=](agent_hello& x) { self->state.attach(x); },
    [=](agent_frame& x) {
      try {
        self->state.handle(x);
      } catch (const protocol::protocol_error& e) {
        spdlog::error("context {}: its agent breaks the protocol: {}",
                      self->state.spec.record.name, e.what());
        self->state.link->close();
      }
    },
    [=](const agent_closed& x) { self->state.link_closed(x); },
    [=](const process_ended& x) { self->state.process_gone(x.how); },
    [=](atom::job_done, const std::string& job, bool failed) {
      self->state.job_done(job, failed);
    },
    [=](atom::expire, atom::init, std::uint64_t generation) {
      self->state.expire_init(generation);
    },
    [=](atom::expire, atom::stop) { self->state.expire_stop(); },
    [=](atom::retry_end) { self->state.store_end(); },
    [=](atom::retry_end, const std::string& job) {
      self->state.store_dead_job(job);
    },
    [=](atom::expire, atom::step, std::uint64_t generation) {
      self->state.expire_step(generation);
    },
    [=](atom::expire, atom::redial, std::uint64_t generation) {
      self->state.expire_redial(generation);
    },
    [=](atom::expire, atom::pause, std::uint64_t generation) {
      self->state.expire_pause(generation);
    },
    [=](atom::expire, atom::arrival, std::uint64_t number) {
      self->state.expire_arrival(number);
    },
    [=](atom::expire, atom::last_words, std::uint64_t generation) {
      self->state.expire_last_words(generation);
    },
    [=](atom::expire, atom::readers) { self->state.expire_readers(); },
    [=](atom::look) { self->state.look_at_process(); },
    [=](atom::expire, atom::idle, std::uint64_t generation) {
      self->state.expire_idle(generation);
    },
    [=](atom::expire, atom::lifetime, std::uint64_t generation) {
      self->state.expire_lifetime(generation);
    },
    [=](atom::status) -> caf::result<std::vector<actor_status>> {
      auto& st = self->state;
      return gather_status(self,
                           own_status(self, "context", st.spec.record.name,
                                      to_string(st.machine.now()),
                                      st.spec.parent,
                                      st.spec.record.start_time),
                           st.children());
    },
  };
}

} // namespace hearth
