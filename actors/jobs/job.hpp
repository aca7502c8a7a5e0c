/// The actor of one job, from the request to its stored end.
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
  /// Of an earlier server: its agent knows it already. Null for a new job.
  std::shared_ptr<const job_record> leftover;
  /// It waits for a slot; as it was, if it is of an earlier server. Else null.
  std::shared_ptr<const queue_entry> queued;
  link::agent_link_ptr link; ///< null while the agent is away
  context_actor context;
  services_ptr services;
  std::shared_ptr<job_slot> slot; ///< taken for it by its context
};

struct job_actor_state {
  static inline const char* name = "job";

  using promise_type = caf::typed_response_promise<job_record>;

  explicit job_actor_state(job_actor::pointer self) : self(self) {
    // nop
  }

  /// Runs however the actor ends: takes the job out of the directory and
  /// answers those who still wait, if the actor died.
  ~job_actor_state();

  job_actor_state(const job_actor_state&) = delete;
  job_actor_state& operator=(const job_actor_state&) = delete;

  /// Resolves its binaries, then announces it. Answered with its end, or once
  /// it has started (resolve.cpp).
  caf::result<job_record> run();

  /// Announces its callback, if it has one, then starts it.
  void announce(resolved_binaries& found);

  /// Sends it to the agent, and its record to the store.
  void start(resolved_binaries& found);

  /// An earlier server left it in the queue.
  void resume_queued();

  /// It waited for a slot, and has one (wait_for_slot.cpp).
  void take_slot();

  /// It has waited for a slot for long enough.
  void expire_queued();

  /// It was never run and leaves no record: the request itself was wrong.
  void reject(caf::error why);

  void handle(agent_frame& x);

  /// The agent is back, on a new link: repeats what it may have missed.
  void attach(link::agent_link_ptr link);

  /// @param force ends its context's process at once
  caf::result<job_record> kill(bool force);

  /// Answered once its end is stored, or as it is after that time.
  caf::result<job_record> await(std::int64_t ms);

  void expire_await(std::uint64_t number);

  /// @param gone its context's process is gone, and so is the job
  void abort(problem why, bool gone);

  /// The actor of its context died.
  void disown(problem why);

  /// The client has waited for long enough.
  void expire_wait();

  /// The time that the agent had to end a killed job is over.
  void expire_kill();

  /// The client that read its result as it came is gone.
  void client_left();

  /// Stores the end; comes back every second while the store fails.
  void store_end();

  job_actor::pointer self;
  job_spec spec;
  millis since = 0;

  job_machine machine{""};
  job_record record; ///< what is, or is to be, stored
  std::vector<protocol::binary_ref> binaries;
  ec refusal = ec::internal; ///< what a client of a refused job is told
  bool refused = false;
  bool sent_to_store = false; ///< an insert was asked for
  bool stored = false;        ///< it was answered
  bool end_is_stored = false;
  bool has_slot = false; ///< of those that had to wait for one
  promise_type client;
  caf::actor_clock::time_point asked;  ///< for it, by its client
  std::optional<taken_binaries> taken; ///< from the registry, by itself
  std::vector<promise_type> killers;
  std::map<std::uint64_t, promise_type> watchers; ///< who awaits its end
  std::uint64_t last_watcher = 0;
  std::int64_t notes = 0; ///< steps added to its history
  millis killed_at = 0;   ///< when its kill was asked for
  std::string kill_steps; ///< what its kill took, a line each

  // -- its result, while it comes; result.cpp --
  std::uint64_t received = 0; ///< bytes over the present link
  bool in_file = false;       ///< too large for memory: `results` has it
  bool complete = false;      ///< the agent has said all of it
  bool said_progress = false; ///< `progress` knows of it

private:
  void escalate();
  void note(const std::string& step);
  void add_to_history(job_state state, std::string text);
  job_record report() const;
  problem end_reason() const;
  void apply(agent_frame& x);
  void send(protocol::frame x);
  void acknowledge();
  protocol::frame run_frame() const;
  void insert(durability how);
  void insert_first(std::optional<queue_entry> entry,
                    std::function<void()> then);
  void insert_failed(caf::error& why);
  bool waits_for_insert() const;
  void give_up_insert();
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

/// @param spec shared only so that it need not be moved from hand to hand
job_actor::behavior_type job(job_actor::stateful_pointer<job_actor_state> self,
                             std::shared_ptr<job_spec> spec);

} // namespace hearth
