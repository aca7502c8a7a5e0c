/// The actor of one context. It owns the context's process, the link to the
/// agent in that process, and the context's jobs. The supervisor spawns it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/error.hpp"
#include "actors/api/interfaces.hpp"
#include "actors/contexts/child_job.hpp"
#include "actors/contexts/machine.hpp"
#include "actors/contexts/spec.hpp"
#include "actors/contexts/waiting.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth {

struct job_spec;

/// The public functions handle messages; behavior.cpp says which function
/// handles which, and actors/api/interfaces.hpp what each message means. Every
/// concern has a source of its own.
struct context_actor_state {
  static inline const char* name = "context";

  using promise_type = caf::typed_response_promise<context_record>;

  explicit context_actor_state(context_actor::pointer self) : self(self) {
    // nop
  }

  /// Runs however the actor ends. If the actor died, ends the process and
  /// answers all requests that still wait; the supervisor then stores the end.
  ~context_actor_state();

  context_actor_state(const context_actor_state&) = delete;
  context_actor_state& operator=(const context_actor_state&) = delete;

  // -- its start (start.cpp) --

  caf::result<context_record> start();
  void expire_init(std::uint64_t generation);

  // -- its jobs (slots.cpp, dead_jobs.cpp) --

  caf::result<job_record> run(job_request& x);
  caf::result<job_record> kill(const std::string& job, bool force);
  caf::result<job_record> await(const std::string& job, std::int64_t ms);

  /// Called when a job has ended and its end is stored.
  void job_done(const std::string& job, bool failed);

  /// Called when the actor of a job has ended. If there was no `job_done`
  /// before, it died.
  void job_down(const caf::down_msg& down);

  /// Stores the end of a job whose actor died. Tries again every second while
  /// the store fails.
  void store_dead_job(const std::string& job);

  void expire_idle(std::uint64_t generation);
  void expire_lifetime(std::uint64_t generation);

  // -- its queue (queue.cpp) --

  /// Shown by GET beside the state: why this context's jobs are stuck, or "".
  std::string trouble() const;

  // -- its history and the condition of its process (history.cpp) --

  void look_at_process();

  // -- its link (context.cpp) --

  void attach(agent_hello& x);
  void handle(agent_frame& x);
  void link_closed(const agent_closed& x);
  void expire_redial(std::uint64_t generation);

  // -- the next process (restart.cpp) --

  caf::result<context_record> restart(bool hold);
  void expire_pause(std::uint64_t generation);
  void expire_arrival(std::uint64_t number);

  // -- the process of an earlier server (takeover.cpp) --

  void recover();

  // -- its end (end.cpp) --

  caf::result<context_record> stop(bool force);
  void end_process(problem reason);
  void process_gone(const launch::process_exit& exit);
  void expire_last_words(std::uint64_t generation);
  void expire_stop();
  void expire_step(std::uint64_t generation);

  /// Stores the end. Tries again every second while the store fails.
  void store_end();
  void end_stored(context_record last);
  void answer_starters(context_record last);

  /// Answers ERROR or FINISHED only once the ends of its jobs are stored, too.
  caf::result<context_record> get();

  void expire_readers();

  /// Returns the record with the present state.
  context_record snapshot() const;

  std::vector<status_actor> children() const;

  context_actor::pointer self;
  context_spec spec;

  context_machine machine;
  link::agent_link_ptr link; ///< null while the agent is away
  std::map<std::string, child_job> jobs;
  /// Jobs whose actors died, until their ends are stored.
  std::map<std::string, job_record> dead_jobs;
  bool left_alone = false;    ///< its process lives on for the next server
  bool process_known = false; ///< the launcher watches the process
  std::string token;          ///< of the present process's agent
  std::vector<promise_type> starters; ///< requests that wait until it is ready
  std::vector<promise_type> stoppers; ///< requests that wait for its end
  std::vector<promise_type> readers;  ///< requests for the record of its end
  arrivals_during_restart<arrival> arrivals;
  unclaimed_jobs unclaimed;
  slot_queue waiting_for_slot;

private:
  /// Returns milliseconds of the actor system's clock, which is never set back.
  millis steady_now() const;

  // -- context.cpp --
  void connect();

  // -- start.cpp --
  void put_record(const char* what);
  void resolve_and_launch();
  void launch(resolved_binaries& jars);
  void prepare();
  void open();

  // -- slots.cpp, dead_jobs.cpp --
  std::shared_ptr<job_spec> spec_of(std::string id) const;
  job_actor spawn_child(std::shared_ptr<job_spec> x);
  child_job& add_child(std::shared_ptr<job_spec> x);
  /// @param waited how long the job's client has waited already
  job_actor spawn_job(job_request&& x, std::chrono::milliseconds waited = {});
  void after_job(const std::string& job, bool had_slot, bool failed);
  void take_slot(child_job& job);
  bool is_full() const noexcept;
  void show_slots();
  caf::error no_slot() const;
  void watch_idle();
  void bury(const std::string& id, const child_job& job,
            const caf::error& reason);

  // -- queue.cpp --
  bool wants_queue(const job_request& x) const;
  caf::result<job_record> enqueue(job_request& x);
  job_actor spawn_queued(std::shared_ptr<job_spec> x, const queue_entry& entry);
  void adopt_queued();
  void leave_queue(child_job& job);
  void give_slot(child_job& job);
  void next_in_queue();

  // -- history.cpp --
  void observe();
  void note(std::string step);

  // -- restart.cpp --
  void recycle(problem reason);
  void pause();
  caf::result<job_record> hold(job_request& x);
  void let_in();
  void turn_away(const caf::error& reason);

  // -- takeover.cpp --
  job_actor adopt(const job_record& x);
  void claim_jobs(const protocol::hello& known);
  void claim_queued(const protocol::hello& known);

  // -- end.cpp --
  void begin_failure(problem reason, context_machine::action step
                                     = context_machine::action::terminate);
  void act(context_machine::action a);
  void ask_to_stop();
  void arm_step(std::chrono::milliseconds after);
  void abort_jobs(bool gone);
  void process_over(launch::process_exit exit);
  void with_log(std::function<void()> then);
  void drop_process();
  void finish();
  void finish_if_empty();
  void show(const context_record& x);

  context_timers timers;
  /// How the process ended, while its link has not closed yet.
  std::optional<launch::process_exit> last_words;
  process_id seen_off;          ///< the process that ended last
  bool wound_up = false;        ///< its end waits only for its jobs
  bool refuse_arrivals = false; ///< asked for with the restart
  bool too_old = false;         ///< its process has to end once it is idle
  /// There was no space for its first record, so its end need not be stored.
  bool unknown_to_store = false;
  bool record_is_late = false; ///< the store failed to store its record
  ec start_error = ec::context_init_failed; ///< for the requests in `starters`
  std::string lost_reason; ///< why the link closed, while the agent is away
  bool process_stopped = false; ///< by SIGSTOP, at the last look
  bool process_missed = false;  ///< it did not exist at the last look
  context_state seen_state = context_state::started; ///< last in the history
  std::string seen_reason;                           ///< last in the history
  std::string log_end; ///< the last lines of the log, after a failure
};

context_actor::behavior_type
context(context_actor::stateful_pointer<context_actor_state> self,
        context_spec spec);

} // namespace hearth
