/// A fixture with all actors on the deterministic scheduler. Nothing runs
/// except in `run()`, and no time passes except in `pass()`. The store is a
/// real one, in memory; the test plays the processes and the agents.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <caf/all.hpp>
#include <doctest/doctest.h>

#include "actors/api/error.hpp"
#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "actors/binaries/binaries.hpp"
#include "actors/contexts/supervisor.hpp"
#include "actors/services/progress.hpp"
#include "actors/services/results.hpp"
#include "actors/storage/store_actor.hpp"
#include "apps/actor_system.hpp"
#include "tests/actors/test_scheduler.hpp"
#include "tests/zips.hpp"

namespace hearth::test {

using namespace std::chrono_literals;

/// An agent as the server sees it. The test says what it sends.
class fake_agent : public link::agent_link {
public:
  void accept(frame_handler on_frame, close_handler on_closed) override {
    accepted = true;
    say_ = std::move(on_frame);
    closed_ = std::move(on_closed);
    for (auto& x : first_words)
      say(x);
  }

  void reject(std::string message) override {
    rejected = std::move(message);
  }

  void send(protocol::frame x) override {
    if (std::exchange(fails, false))
      throw std::runtime_error("a bug of the server");
    heard.push_back(std::move(x));
  }

  void send_with(protocol::frame x, shared_text payload) override {
    payloads.push_back(payload);
    agent_link::send_with(std::move(x), std::move(payload));
  }

  void close() override {
    closed = true;
  }

  /// Sends a frame to the server.
  void say(protocol::frame x) {
    say_(std::move(x));
  }

  /// Call it when the connection is gone.
  void hang_up(std::string reason) {
    if (closed_)
      closed_(std::move(reason));
  }

  /// Returns the frames of that kind that the server has sent.
  std::vector<protocol::frame> of(protocol::kind k) const {
    std::vector<protocol::frame> result;
    for (auto& x : heard)
      if (x.kind == k)
        result.push_back(x);
    return result;
  }

  bool fails = false; ///< once, as if there were a bug in what sends
  bool accepted = false;
  bool closed = false;
  std::string rejected;
  std::vector<protocol::frame> first_words; ///< said once it is accepted
  std::deque<protocol::frame> heard;
  std::vector<shared_text> payloads; ///< that were given apart from frames

private:
  frame_handler say_;
  close_handler closed_;
};

/// Processes that exist only as numbers.
class fake_launcher : public launch::launcher {
public:
  process_id start(const launch::process_spec&,
                   launch::exit_handler on_exit) override {
    process_id id{next++, 1};
    alive[id.pid] = std::move(on_exit);
    return id;
  }

  bool watch(process_id process, launch::exit_handler on_exit) override {
    if (alive.count(process.pid) == 0)
      return false;
    alive[process.pid] = std::move(on_exit);
    return true;
  }

  bool signal_group(process_id process, int signum) override {
    signals.emplace_back(process.pid, signum);
    if (signum == 9)
      die(process.pid, 0, 9);
    return true;
  }

  launch::process_condition look(process_id process) override {
    if (stopped)
      return launch::process_condition::stopped;
    return alive.count(process.pid) > 0 ? launch::process_condition::runs
                                        : launch::process_condition::gone;
  }

  void forget(process_id process) override {
    forgotten.push_back(process.pid);
  }

  /// Lets the process end.
  void die(std::int64_t pid, int code, int signal) {
    auto i = alive.find(pid);
    if (i == alive.end())
      return;
    auto on_exit = std::move(i->second);
    alive.erase(i);
    on_exit({{pid, 1}, true, code, signal});
    if (auto agent = agents[pid].lock())
      agent->hang_up("the agent closed the connection");
  }

  bool stopped = false; ///< all of them, by a signal
  std::int64_t next = 1000;
  std::map<std::int64_t, launch::exit_handler> alive;
  /// The agents whose connections close when their processes end.
  std::map<std::int64_t, std::weak_ptr<fake_agent>> agents;
  std::vector<std::pair<std::int64_t, int>> signals;
  std::vector<std::int64_t> forgotten;
};

/// The answer that a client has got.
template <class T>
struct answer {
  std::optional<T> value;
  std::optional<caf::error> error;

  bool pending() const {
    return !value && !error;
  }

  ec code() const {
    REQUIRE(error.has_value());
    return code_of(*error);
  }

  std::string message() const {
    REQUIRE(error.has_value());
    return problem_of(*error).message;
  }
};

struct test_config : system_config {
  test_config() {
    module_factories.emplace_back(&test_scheduler::make);
  }
};

/// Fetches from other servers; answers slow fetches when it is told to.
using fake_dependencies_actor
  = dependencies_actor::extend<caf::reacts_to<atom::fetched>>;

struct slow_fetch {
  std::string uri;
  caf::typed_response_promise<resolved_binaries> promise;
};

using slow_fetches_list = std::vector<slow_fetch>;

class fixture {
public:
  fixture();
  ~fixture();

  fixture(const fixture&) = delete;
  fixture& operator=(const fixture&) = delete;

  /// Lets everything happen that can happen now.
  void run() {
    sched.run();
  }

  /// Lets time pass.
  void pass(caf::timespan time) {
    sched.advance_time(time);
    run();
  }

  /// Asks an actor. The answer is filled in when it arrives, during `run` or
  /// `pass`.
  template <class T, class Handle, class... Ts>
  std::shared_ptr<answer<T>> begin_ask(const Handle& to, Ts... xs) {
    auto result = std::make_shared<answer<T>>();
    auto helper = sys.spawn([=](caf::event_based_actor* self) {
      self->request(to, caf::infinite, xs...)
        .then([=](T& x) { result->value = std::move(x); },
              [=](caf::error& e) { result->error = std::move(e); });
    });
    helpers.push_back(helper);
    return result;
  }

  /// Asks an actor, and lets everything happen that can happen now.
  template <class T, class Handle, class... Ts>
  std::shared_ptr<answer<T>> ask(const Handle& to, Ts... xs) {
    auto result = begin_ask<T>(to, std::move(xs)...);
    run();
    return result;
  }

  /// Uploads a jar, `jar_with(content)`.
  void upload(const std::string& name, const std::string& content);

  /// Answers all slow fetches.
  void end_slow_fetches() {
    caf::anon_send(fetcher, atom::fetched_v);
    run();
  }

  /// Asks for a context, but does not let anything happen yet.
  std::shared_ptr<answer<context_record>> create(const std::string& name,
                                                 settings_map settings = {});

  /// Lets the agent of the process that was started last connect. `hello` has
  /// the jobs that it runs and that have ended, `first_words` its first frames.
  std::shared_ptr<fake_agent> dial(protocol::hello hello = {},
                                   std::vector<protocol::frame> first_words
                                   = {});

  /// Kills the server and starts the next one, which finds these contexts.
  void next_server(std::vector<leftover_context> leftovers);

  /// Makes a context that takes jobs, and returns its agent.
  std::shared_ptr<fake_agent> running_context(const std::string& name,
                                              settings_map settings = {});

  /// Asks for a job.
  std::shared_ptr<answer<job_record>> submit(const std::string& context,
                                             bool sync,
                                             std::int64_t timeout_ms = 10'000);

  /// Lets the agent send that many parts of a result, of 256 KiB each.
  void say_parts(fake_agent& agent, const std::string& job, std::size_t parts);

  /// Returns how many bytes of the result the agent may have sent by now.
  static std::uint64_t credit_of(const fake_agent& agent);

  /// Stores a new data file and returns its path.
  std::string put_data(const std::string& content);

  /// Returns the folder of results.
  std::filesystem::path results_folder() const {
    return folder / "results";
  }

  /// Returns the id of the job that the server has sent to the agent last.
  static std::string last_job(const fake_agent& agent);

  void started(fake_agent& agent, const std::string& job);
  void ended(fake_agent& agent, const std::string& job, protocol::outcome how,
             const std::string& result = "");

  context_record context_now(const std::string& name);
  job_record job_now(const std::string& id);

  test_config cfg;
  caf::actor_system sys{cfg};
  test_scheduler& sched = dynamic_cast<test_scheduler&>(sys.scheduler());
  std::filesystem::path folder;
  std::shared_ptr<fake_launcher> launcher = std::make_shared<fake_launcher>();
  std::shared_ptr<std::vector<launch_request>> launches
    = std::make_shared<std::vector<launch_request>>();
  std::shared_ptr<std::string> launch_failure = std::make_shared<std::string>();
  /// The files that the last fetch was told to keep.
  std::shared_ptr<std::vector<std::string>> told_in_use
    = std::make_shared<std::vector<std::string>>();
  /// Fetches of URIs with "slow" in them.
  std::shared_ptr<slow_fetches_list> slow_fetches
    = std::make_shared<slow_fetches_list>();
  fake_dependencies_actor fetcher;
  std::shared_ptr<std::string> log = std::make_shared<std::string>();
  /// Whether the files of an ended process are never removed.
  std::shared_ptr<bool> slow_drivers = std::make_shared<bool>(false);
  store_actor store;
  results_actor results_handle;
  progress_actor progress_handle;
  data_actor data_handle;
  std::shared_ptr<binary_registry> registry;
  binaries_actor binaries_handle;
  drivers_actor drivers_handle;
  supervisor_spec spec; ///< of each supervisor
  supervisor_actor supervisor;
  std::vector<caf::actor> helpers;
};

} // namespace hearth::test
