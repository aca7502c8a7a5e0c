/// The actor of one job, from its request to its stored end. The job's context
/// spawns it and gives it its slot.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/context_directory.hpp"
#include "actors/api/error.hpp"
#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "actors/api/services.hpp"
#include "actors/binaries/registry.hpp"
#include "actors/jobs/machine.hpp"
#include "conf/settings.hpp"
#include "runtime/link/agent_link.hpp"
#include "runtime/protocol/messages.hpp"

namespace hearth {

/// What a context gives to a job.
struct job_spec {
  std::string id;
  std::string context_id;
  std::string context_name;
  job_request request;
  std::uint64_t max_result = 0;        ///< bytes
  std::chrono::milliseconds waited{0}; ///< since its client asked for it
  std::chrono::milliseconds longest_wait{3'600'000}; ///< of its client
  std::chrono::milliseconds kill_timeout{5000};
  conf::kill_escalation escalation = conf::kill_escalation::process;
  /// The record of a job that an earlier server has sent to the agent. Null for
  /// any other job.
  std::shared_ptr<const job_record> leftover;
  /// The entry of a job that waits for a slot; of a job of an earlier server,
  /// the stored one. Null if the job does not wait.
  std::shared_ptr<const queue_entry> queued;
  link::agent_link_ptr link; ///< null while the agent is away
  context_actor context;
  services_ptr services;
  std::shared_ptr<job_slot> slot; ///< which its context takes for it
};

struct job_actor_state {
  static inline const char* name = "job";

  using promise_type = caf::typed_response_promise<job_record>;

  explicit job_actor_state(job_actor::pointer self) : self(self) {
    // nop
  }

  /// Runs however the actor ends. Removes the job from the directory and, if
  /// the actor died, answers all requests that still wait.
  ~job_actor_state();

  job_actor_state(const job_actor_state&) = delete;
  job_actor_state& operator=(const job_actor_state&) = delete;

  /// Resolves the job's binaries, then calls `announce` (resolve.cpp). Answered
  /// once the job has started (async) or ended (sync).
  caf::result<job_record> run();

  /// Registers the job's callback, if it has one, then calls `start`.
  void announce(resolved_binaries& found);

  /// Sends the job to the agent, and its record to the store.
  void start(resolved_binaries& found);

  /// Goes on with a job that an earlier server left in the queue.
  void resume_queued();

  /// Called when a job that waited for a slot got one (wait_for_slot.cpp).
  void take_slot();

  /// Called when the job has waited for a slot for too long.
  void expire_queued();

  /// Ends a job that never ran and leaves no record, because its request was
  /// wrong.
  void reject(caf::error reason);

  /// Handles a frame about this job.
  void handle(agent_frame& x);

  /// Goes on over a new link, and repeats what the agent may have missed.
  void attach(link::agent_link_ptr link);

  /// @param force end the process of the job's context at once
  caf::result<job_record> kill(bool force);

  /// Answered with the record once the job's end is stored, or with the present
  /// one after `ms` milliseconds.
  caf::result<job_record> await(std::int64_t ms);

  /// The `await` with that number has waited for long enough.
  void expire_await(std::uint64_t number);

  /// Called when the job's context ends.
  /// @param gone whether the context's process is gone, and the job with it
  void abort(problem reason, bool gone);

  /// Called when the actor of the job's context died.
  void disown(problem reason);

  /// The client has waited for long enough.
  void expire_wait();

  /// The time that the agent had to end a killed job is over.
  void expire_kill();

  /// The client that read the result while it arrived has disconnected.
  void client_left();

  /// Stores the end. Tries again every second while the store fails.
  void store_end();

  job_actor::pointer self;
  job_spec spec;
  millis since = 0;

  job_machine machine{""};
  job_record record; ///< as it is stored or will be
  std::vector<protocol::binary_ref> binaries;
  ec refusal = ec::internal; ///< error code for the client of a refused job
  bool refused = false;
  bool sent_to_store = false; ///< the store was asked to insert the record
  bool stored = false;        ///< the store has answered that
  bool in_doubt = false; ///< the record may be on the disk; it needs an end
  bool end_is_stored = false;
  bool has_slot = false; ///< a job that waited for a slot has one
  promise_type client;
  caf::actor_clock::time_point asked;  ///< when its client asked for it
  std::optional<taken_binaries> taken; ///< directly from the registry
  std::vector<promise_type> killers;
  std::map<std::uint64_t, promise_type> watchers; ///< requests to await its end
  std::uint64_t last_watcher = 0;
  std::int64_t notes = 0; ///< number of steps that were added to its history
  millis killed_at = 0;   ///< when a client asked to kill it
  std::string kill_steps; ///< the steps of its kill, a line each

  // -- its result, while it arrives (result.cpp) --
  std::uint64_t received = 0; ///< bytes over the present link
  bool in_file = false;       ///< it is too large for memory: `results` has it
  bool complete = false;      ///< all of it is here; it is being stored
  bool said_progress = false; ///< `progress` knows this job

private:
  void escalate();
  void note(const std::string& step);
  void add_to_history(job_state state, std::string text);
  job_record report() const;
  problem end_reason() const;
  void apply(agent_frame& x);
  void send(protocol::frame x);
  void send_run(protocol::frame x);
  void acknowledge();
  protocol::frame run_frame() const;
  void insert(durability how);
  void insert_first(std::optional<queue_entry> entry,
                    std::function<void()> then);
  void insert_failed(caf::error& why);
  bool waits_for_insert() const;
  bool would_run_later() const;
  void doubt_insert();
  void give_up_insert();
  void refuse_insert(problem why);
  void answer_doubt();
  void insert_then_run(protocol::frame run);
  void end_stored();
  void enqueue();
  void leave_queue();
  void release_binaries();
  void wait_for_binaries();
  void wait_for_slot(const queue_entry& x);
  void wait_until(millis deadline);
  bool waits_for_slot() const;
  void answer_start();
  void kill_agent_side();
  void read_file(const protocol::read_file& x,
                 std::shared_ptr<const void> lease);
  void take_part(protocol::frame& x);
  void take_end(const protocol::job_ended& how, std::string& bytes);
  void drop_result();
  void put_into_file(std::string bytes, std::uint64_t credit);
  void begin_file();
  void fail_result(const problem& why);
  void end_by(problem why);
  void end();
  void tell_callback();
  void answer_end();
  void answer_unstored_end(caf::error why);
  void tell_context(bool failed);
  void leave();
};

/// @param spec a pointer only so that moving it is cheap
job_actor::behavior_type job(job_actor::stateful_pointer<job_actor_state> self,
                             std::shared_ptr<job_spec> spec);

} // namespace hearth
