/// The actor of one context: its process, its link to the agent, its jobs.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/context_machine.hpp"
#include "actors/error.hpp"
#include "actors/messages.hpp"
#include "actors/protocol.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth {

/// What holds for all contexts of a server unless a context says otherwise.
struct context_policy {
  std::int32_t max_jobs = 8;
  std::chrono::milliseconds init_timeout{60'000};
  std::chrono::milliseconds deletion_timeout{40'000};
  std::chrono::milliseconds kill_timeout{5'000};
  std::chrono::milliseconds redial_timeout{10'000}; ///< for a lost agent
  std::uint64_t max_result = 0;                     ///< bytes
};

/// What a supervisor gives to a context.
struct context_spec {
  context_record record; ///< id, name, settings as JSON, start time, ad hoc
  std::map<std::string, std::string> settings;
  std::vector<std::string> jars; ///< names and URIs that all its jobs see
  context_policy policy;
  std::string token;
  std::uint64_t parent = 0; ///< id of the supervisor's actor
  std::shared_ptr<launch::launcher> launcher;
  drivers_actor drivers;
  binaries_actor binaries;
  store_actor store;
  results_actor results;
  callbacks_actor callbacks;
  progress_actor progress;
};

/// A job of a context, from its start until its actor is gone.
struct child_job {
  job_actor actor;
  bool holds_slot = true;
};

struct context_actor_state {
  static inline const char* name = "context";

  using promise_type = caf::typed_response_promise<context_record>;

  explicit context_actor_state(context_actor::pointer self) : self(self) {
    // nop
  }

  caf::result<context_record> start();
  caf::result<job_record> run(job_request& x);
  caf::result<atom::ok> await(const std::string& job, std::int64_t ms);
  caf::result<job_record> kill(const std::string& job);
  caf::result<context_record> stop(bool force);

  /// The record with the state as it is now.
  context_record snapshot() const;

  void attach(agent_hello& x);
  void handle(agent_frame& x);
  void link_closed(const agent_closed& x);
  void process_gone(const launch::process_exit& how);
  void job_done(const std::string& job);
  void job_down(const caf::actor_addr& job);

  // The times that ran out; a generation tells old timers from new ones.
  void expire_init();
  void expire_stop();
  void expire_step(std::uint64_t generation);
  void expire_redial(std::uint64_t generation);

  /// Stores the end; comes back every second while the store fails.
  void store_end();

  std::vector<status_actor> children() const;

  context_actor::pointer self;
  context_spec spec;

  context_machine machine;
  link::agent_link_ptr link; ///< null while the agent is away
  std::map<std::string, child_job> jobs;
  std::size_t slots_taken = 0;
  std::uint64_t step_generation = 0;
  std::uint64_t redial_generation = 0;
  bool process_known = false; ///< it was started and not yet forgotten
  std::vector<promise_type> starters;
  std::vector<promise_type> stoppers;

private:
  void launch(resolved_binaries& jars);
  void act(context_machine::action a);
  void open();
  void begin_failure(problem why);
  void arm_step(std::chrono::milliseconds after);
  void abort_jobs();
  void finish();
  void finish_if_empty();
  void quote_log_and_store_end();

  ec init_error = ec::context_init_failed; ///< what who waits for it is told
  std::string lost_reason; ///< why the link closed, while the agent is away
  std::string log_end;     ///< what the log says last, after a failure
};

context_actor::behavior_type
context(context_actor::stateful_pointer<context_actor_state> self,
        context_spec spec);

} // namespace hearth
