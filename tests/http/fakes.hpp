/// Stand-ins for the server's actors.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/error.hpp"
#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "actors/services/logs.hpp"
#include "actors/services/progress.hpp"
#include "http/routes/route_env.hpp"

namespace hearth::test {

/// Owes one answer of type T until it is told which one.
template <class T>
using owing_actor
  = caf::typed_actor<typename caf::replies_to<atom::get>::template with<T>,
                     caf::reacts_to<atom::put, T>,
                     caf::reacts_to<atom::put, caf::error>>;

/// The answer to one question, which the test gives when it likes. It is sent
/// to an actor that owes it: a promise of CAF may be used on the thread of its
/// own actor only. If the test gives none, the answer is an error.
template <class T>
class held_answer {
public:
  explicit held_answer(owing_actor<T> from) : from_(std::move(from)) {}

  held_answer(held_answer&&) noexcept = default;
  held_answer& operator=(held_answer&&) = delete;

  ~held_answer() {
    deliver(make_error(ec::shutting_down, "the test is over"));
  }

  /// Only the first call counts. @param x a T or an error
  template <class X>
  void deliver(X x) {
    if (from_)
      caf::anon_send(std::exchange(from_, nullptr), atom::put_v, std::move(x));
  }

private:
  owing_actor<T> from_;
};

/// What the fake actors do, and what they were asked. Jobs named "held" are
/// answered when the test says so.
struct script {
  std::function<caf::result<context_record>(const context_request&)> create;
  std::function<caf::result<job_record>(const job_request&)> run;
  std::function<caf::result<binary_record>(const binary_upload&)> put;
  std::size_t binaries = 1; ///< how many there are

  /// Lets the test answer a held job.
  void hold(held_answer<job_record> answer) {
    std::lock_guard guard{mutex};
    held.push_back(std::move(answer));
    changed.notify_all();
  }

  /// Waits until `n` jobs are held.
  void wait_for_held(std::size_t n) {
    std::unique_lock guard{mutex};
    changed.wait(guard, [&] { return held.size() >= n; });
  }

  /// What a reader of a result is given; by default all of it at once.
  std::function<caf::result<result_block>(std::uint64_t offset)> read;

  /// Takes the question of a reader that is to wait.
  std::function<void(held_answer<result_block>)> hold_read;

  /// Notes that the client of that job's result left.
  void note_left(const std::string& job) {
    std::lock_guard guard{mutex};
    left.push_back(job);
    changed.notify_all();
  }

  /// Waits until a client has left. @returns whose result it read
  std::string wait_for_left() {
    std::unique_lock guard{mutex};
    changed.wait(guard, [&] { return !left.empty(); });
    return left.front();
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<held_answer<job_record>> held;
  std::vector<std::string> left;
};

inline job_record finished_job(std::string id) {
  job_record x;
  x.id = std::move(id);
  x.context_id = "c1";
  x.context_name = "ctx";
  x.main_class = "a.B";
  x.state = job_state::finished;
  x.start_time = 1000;
  x.end_time = 1166;
  x.result = "[2,4,6]";
  return x;
}

inline std::vector<actor_status> one_status(std::uint64_t id,
                                            std::string name) {
  return {{id, 0, std::move(name), "", "running", 0, 0}};
}

supervisor_actor::behavior_type fake_supervisor(supervisor_actor::pointer self,
                                                script* todo);
binaries_actor::behavior_type fake_binaries(binaries_actor::pointer self,
                                            script* todo);
callbacks_actor::behavior_type fake_callbacks(callbacks_actor::pointer self);
data_actor::behavior_type fake_data(data_actor::pointer self);
store_actor::behavior_type fake_store(store_actor::pointer self);
results_actor::behavior_type fake_results(results_actor::pointer self,
                                          script* todo);

/// Parsers that take `{…}` and nothing, throw on "throw", and know of two
/// kinds of settings: with "block" in the text, and without.
http::body_parsers fake_parsers();

struct system_config : caf::actor_system_config {
  system_config() {
    add_message_types<caf::id_block::hearth_types>();
    set("scheduler.max-threads", 2U);
  }
};

} // namespace hearth::test
