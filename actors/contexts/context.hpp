/// The actor of one context: its process, its link to the agent, its jobs.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/context_directory.hpp"
#include "actors/api/error.hpp"
#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "actors/api/services.hpp"
#include "actors/contexts/machine.hpp"
#include "actors/contexts/waiting.hpp"
#include "conf/settings.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth {

/// What holds for all contexts of a server unless a context says otherwise.
struct context_policy : conf::context_limits {
  std::chrono::milliseconds redial_timeout{10'000}; ///< for a lost agent
  std::uint64_t max_result = 0;                     ///< bytes
  /// Clients are answered by then, whatever they wait for.
  std::chrono::milliseconds longest_wait{3'600'000};
  bool streaming = false; ///< its jobs are given time to stop
  std::shared_ptr<const job_request> init_job; ///< null: none
};

/// A process that an earlier server started, and what ran in it.
struct leftover_process {
  std::string token;            ///< "": there is no process
  std::vector<job_record> jobs; ///< not in a final state; without configuration
  /// Those of them that wait for a slot, with their configuration.
  std::vector<std::pair<job_record, queue_entry>> queued;
};

/// What a supervisor gives to a context.
struct context_spec {
  context_record record; ///< id, name, settings as JSON, start time, ad hoc
  std::map<std::string, std::string> settings;
  std::vector<std::string> jars; ///< names and URIs that all its jobs see
  context_policy policy;
  leftover_process leftover;
  std::uint64_t parent = 0; ///< id of the supervisor's actor
  services_ptr services;
  std::shared_ptr<slot_gauge> slots = std::make_shared<slot_gauge>();
  random_fraction random = next_random_fraction; ///< for pauses
};

/// A job of a context, from its start until its actor is gone.
struct child_job {
  job_actor actor;
  std::shared_ptr<job_slot> slot;
  bool had_slot = false;
  std::optional<slot_queue::place> place; ///< where it waits for a slot
  /// An earlier server sent it to the process: only that one knows whether it
  /// arrived.
  bool maybe_there = false;
  std::string main_class = {}; ///< for its record, if its actor dies
  millis start_time = 0;       ///< as well

  /// Whether it waits for a slot, of whichever process.
  bool waits() const noexcept {
    return place && !maybe_there;
  }
};

/// A job that waits for its context to come back.
struct arrival {
  job_request request;
  caf::typed_response_promise<job_record> client;
  caf::actor_clock::time_point since{};
};

struct job_spec;

struct context_actor_state {
  static inline const char* name = "context";

  using promise_type = caf::typed_response_promise<context_record>;

  explicit context_actor_state(context_actor::pointer self) : self(self) {
    // nop
  }

  /// Runs however the actor ends. If it died, this ends its process and answers
  /// those who wait; its supervisor then stores the end.
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

  /// A job has ended, and its end is stored.
  void job_done(const std::string& job, bool failed);

  /// The actor of a job ended; without a job_done before, it died.
  void job_down(const caf::down_msg& down);

  /// Stores the end of a job whose actor died; comes back every second while
  /// the store fails.
  void store_dead_job(const std::string& job);

  /// No job came for too long; its process is old enough.
  void expire_idle(std::uint64_t generation);
  void expire_lifetime(std::uint64_t generation);

  // -- its queue (queue.cpp) --

  /// Shown by GET beside the state: why this context's jobs are stuck, or "".
  std::string trouble() const;

  // -- its history, its process as it is (history.cpp) --

  void look_at_process();

  // -- its link (context.cpp) --

  void attach(agent_hello& x);
  void handle(agent_frame& x);
  void link_closed(const agent_closed& x);
  void expire_redial(std::uint64_t generation);

  // -- another process (restart.cpp) --

  caf::result<context_record> restart(bool hold);
  void expire_pause(std::uint64_t generation);
  void expire_arrival(std::uint64_t number);

  // -- an earlier server's process (takeover.cpp) --

  void recover();

  // -- its end (end.cpp) --

  caf::result<context_record> stop(bool force);
  void end_process(problem why);
  void process_gone(const launch::process_exit& how);
  void expire_last_words(std::uint64_t generation);
  void expire_stop();
  void expire_step(std::uint64_t generation);

  /// Stores the end; comes back every second while the store fails.
  void store_end();
  void end_stored(context_record last);
  void answer_starters(context_record last);

  /// Shows ERROR and FINISHED only once its jobs are shown in theirs.
  caf::result<context_record> get();

  void expire_readers();

  /// The record with the state as it is now.
  context_record snapshot() const;

  std::vector<status_actor> children() const;

  context_actor::pointer self;
  context_spec spec;

  context_machine machine;
  link::agent_link_ptr link; ///< null while the agent is away
  std::map<std::string, child_job> jobs;
  /// Jobs whose actors died, until their ends are stored.
  std::map<std::string, job_record> dead_jobs;
  bool left_alone = false;    ///< its process lives on, for the next server
  bool process_known = false; ///< it was started and not yet forgotten
  std::string token;          ///< of the present process's agent
  std::vector<promise_type> starters; ///< who waits until it takes jobs
  std::vector<promise_type> stoppers;
  std::vector<promise_type> readers; ///< who asked for it while it ends
  arrivals_during_restart<arrival> arrivals;
  unclaimed_jobs unclaimed;
  slot_queue waiting_for_slot;

private:
  /// Milliseconds of a clock that is never set; of tests in tests.
  millis steady_now() const;

  void connect();
  void put_record(const char* what);
  void resolve_and_launch();
  void launch(resolved_binaries& jars);
  void prepare();
  void open();
  void observe();
  void note(std::string step);
  std::shared_ptr<job_spec> spec_of(std::string id) const;
  job_actor spawn_child(std::shared_ptr<job_spec> x);
  child_job& add_child(std::shared_ptr<job_spec> x);
  /// @param waited how long ago its client asked for it
  job_actor spawn_job(job_request&& x, std::chrono::milliseconds waited = {});
  job_actor adopt(const job_record& x);
  bool wants_queue(const job_request& x) const;
  caf::result<job_record> enqueue(job_request& x);
  job_actor spawn_queued(std::shared_ptr<job_spec> x, const queue_entry& entry);
  void adopt_queued();
  void claim_queued(const protocol::hello& known);
  void leave_queue(child_job& x);
  void bury(const std::string& id, const child_job& job, const caf::error& why);
  void after_job(const std::string& job, bool had_slot, bool failed);
  void give_slot(child_job& x);
  void next_in_queue();
  caf::result<job_record> hold(job_request& x);
  void let_in();
  void turn_away(const caf::error& why);
  void recycle(problem why);
  void watch_idle();
  void take_slot(child_job& job);
  bool is_full() const noexcept;
  void show_slots();
  caf::error no_slot() const;
  void begin_failure(problem why, context_machine::action step
                                  = context_machine::action::terminate);
  void claim_jobs(const protocol::hello& known);

  /// Asks the same again once the agent has reported the job, and passes the
  /// answer on.
  template <class T, class... Ts>
  caf::typed_response_promise<T> when_claimed(Ts... xs) {
    auto promise = self->make_response_promise<T>();
    unclaimed.after_claim(
      [this, promise, xs...] {
        self->request(context_actor{self}, caf::infinite, xs...)
          .then([promise](T& x) mutable { promise.deliver(std::move(x)); },
                [promise](caf::error& e) mutable {
                  promise.deliver(std::move(e));
                });
      },
      [promise]() mutable {
        promise.deliver(caf::make_error(caf::sec::request_receiver_down));
      });
    return promise;
  }

  void act(context_machine::action a);
  void ask_to_stop();
  void arm_step(std::chrono::milliseconds after);
  void abort_jobs(bool gone);
  void process_over(launch::process_exit how);
  void show(const context_record& x);
  void with_log(std::function<void()> then);
  void pause();
  void drop_process();
  void finish();
  void finish_if_empty();

  context_timers timers;
  /// How its process ended, while its link has not.
  std::optional<launch::process_exit> last_words;
  process_id seen_off;          ///< the process that ended last
  bool wound_up = false;        ///< its end waits for nothing but its jobs
  bool refuse_arrivals = false; ///< said so by who asked for the restart
  bool too_old = false;         ///< its process is to go once it is idle
  /// Its first record found no space, so that its end need not be stored.
  bool unknown_to_store = false;
  bool record_is_late = false; ///< the store failed when it was to be stored
  ec start_error = ec::context_init_failed; ///< what who waits for it is told
  std::string lost_reason; ///< why the link closed, while the agent is away
  bool process_stopped = false; ///< by SIGSTOP, when it was last looked at
  bool process_missed = false;  ///< not there, when it was last looked at
  context_state seen_state = context_state::started; ///< in the history
  std::string seen_reason;
  std::string log_end; ///< what the log says last, after a failure
};

context_actor::behavior_type
context(context_actor::stateful_pointer<context_actor_state> self,
        context_spec spec);

} // namespace hearth
