/// The actor that owns all contexts of this server. It makes them, knows them
/// by name, and answers requests for contexts and jobs that name one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/duration.hpp>
#include <caf/expected.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include "actors/api/context_directory.hpp"
#include "actors/api/error.hpp"
#include "actors/api/interfaces.hpp"
#include "actors/api/services.hpp"
#include "actors/contexts/spec.hpp"

namespace hearth {

/// A context that was live when an earlier server ended.
struct leftover_context {
  context_record record;
  settings_map settings;
  leftover_process process;
};

/// What the composition root gives to the supervisor.
struct supervisor_spec {
  settings_map context_defaults; ///< for contexts that do not say otherwise
  std::vector<std::pair<std::string, settings_map>> start_contexts;
  context_policy policy;
  std::vector<leftover_context> leftovers;
  services_ptr services;
  std::size_t max_contexts = 200;                ///< live at once
  random_fraction random = next_random_fraction; ///< for pauses of contexts
  std::shared_ptr<context_directory> open
    = std::make_shared<context_directory>();
};

/// The deadline of requests to contexts, which is none: a context itself bounds
/// the time of its start, its stop and its jobs. A long deadline would leak,
/// because CAF keeps the timer of a request until it fires, even after the
/// reply.
inline constexpr caf::infinite_t context_deadline = caf::infinite;

/// A live context.
struct context_entry {
  context_actor actor;
  std::string id;
  context_record record = {}; ///< as it was when the actor was spawned
  bool over = false;          ///< it has ended, and its actor stores that end
  bool dead = false; ///< its actor died, and the supervisor stores its end
};

/// The requests with one Idempotency-Key that are under way.
template <class Record>
struct keyed_request {
  using waiter = std::function<void(caf::expected<Record>&)>;

  std::string digest;
  std::vector<waiter> waiters; ///< the requests that came after the first one
};

struct supervisor_state {
  static inline const char* name = "supervisor";

  explicit supervisor_state(supervisor_actor::pointer self) : self(self) {
    // nop
  }

  caf::result<context_record> create(const context_request& x);
  caf::result<context_record> stop(const std::string& name, bool force);
  caf::result<context_record> get(const std::string& name);
  std::vector<std::string> names() const;
  caf::result<job_record> run(job_request& x);
  caf::result<job_record> kill(const std::string& job, bool force);
  caf::result<job_record> await(const std::string& job, std::int64_t ms);
  caf::result<context_record> restart(const std::string& name, bool hold);

  /// Takes a context over from an earlier server.
  void recover(leftover_context& x);

  /// Leaves all contexts, whose processes live on, to the next server.
  caf::result<atom::ok> detach();

  /// Stops all contexts, then starts those of the configuration.
  caf::result<atom::ok> reset();

  /// Stops all contexts. From then on no context can be made.
  caf::result<atom::ok> close(bool force);

  /// Starts the contexts of the configuration; failures are logged.
  void start_all(std::function<void()> done);

  /// Passes a connected agent on to its context.
  void hello(agent_hello& x);

  /// Called when the actor of a context has ended. If it died, stores the
  /// context's end.
  void context_down(const caf::down_msg& down);

  /// Stores the end of a context whose actor died. Tries again every second
  /// while the store fails.
  void store_dead_context(const std::string& name);

  std::vector<status_actor> children() const;

  supervisor_actor::pointer self;
  supervisor_spec spec;
  millis since = 0;
  bool closing = false;
  std::map<std::string, context_entry> contexts; ///< by name

  // -- requests with an Idempotency-Key, by the key (supervisor_keys.cpp) --
  std::map<std::string, keyed_request<job_record>> keyed_jobs;
  std::map<std::string, keyed_request<context_record>> keyed_contexts;

private:
  caf::result<job_record> run_keyed(const job_request& x);
  caf::result<context_record> create_keyed(const context_request& x);
  /// Called once: when the context takes jobs, or when it never will.
  using created_handler = std::function<void(caf::expected<context_record>)>;

  context_actor spawn_actor(context_record record, settings_map settings,
                            context_policy policy, leftover_process leftover);
  void spawn_context(const context_request& x, created_handler done);
  void run_ad_hoc(job_request& x, caf::typed_response_promise<job_record> p);
  void kill(const std::string& job, bool force,
            caf::typed_response_promise<job_record> p);
  void kill_by_record(const std::string& job, bool force,
                      caf::typed_response_promise<job_record> promise);
  void await_by_record(const std::string& job, std::int64_t ms,
                       caf::typed_response_promise<job_record> promise);
  void deliver_record(const std::string& job,
                      caf::typed_response_promise<job_record> promise,
                      std::optional<job_record> otherwise);
  void bury(const std::string& name, context_entry& entry,
            const caf::error& reason);
  void end_lost_jobs(const context_record& context,
                     std::function<void(const caf::error&)> done);
  void stop_all(bool force, std::function<void()> done);
  void forget(const std::string& name, const std::string& id);
  void drop(std::map<std::string, context_entry>::iterator x);

  /// Answers with the answer of that context. It does not delegate, because the
  /// context may have ended, which needs another error.
  template <class T, class... Ts>
  caf::result<T> pass_on(const std::string& name, Ts... xs) {
    auto i = contexts.find(name);
    if (i == contexts.end())
      return context_gone(name);
    auto promise = self->make_response_promise<T>();
    self->request(i->second.actor, context_deadline, std::move(xs)...)
      .then([promise](T& x) mutable { promise.deliver(std::move(x)); },
            [promise, name](caf::error& e) mutable {
              promise.deliver(error_of_context(e, name));
            });
    return promise;
  }
};

supervisor_actor::behavior_type
context_supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
                   supervisor_spec spec);

/// Whether a client may give that name to a context: it starts with a letter,
/// goes on with letters, digits, `-`, `_`, `.`, `:`, `$` or `+`, and is at most
/// 200 bytes long.
bool valid_context_name(const std::string& name) noexcept;

} // namespace hearth
