#include "tests/actors/fixture.hpp"

#include <spdlog/spdlog.h>

#include "actors/services/data.hpp"
#include "base/ids.hpp"
#include "store/store.hpp"

namespace hearth::test {

namespace {

struct fake_drivers_state {
  static inline const char* name = "fake_drivers";
  std::vector<caf::typed_response_promise<atom::ok>> held;
};

drivers_actor::behavior_type
fake_drivers(drivers_actor::stateful_pointer<fake_drivers_state> self,
             std::shared_ptr<fake_launcher> launcher,
             std::shared_ptr<std::vector<launch_request>> launches,
             std::shared_ptr<std::string> failure,
             std::shared_ptr<std::string> log, std::shared_ptr<bool> slow) {
  return {
    [=](atom::start, const launch_request& x) -> caf::result<process_id> {
      if (!failure->empty())
        return make_error(ec::context_init_failed, *failure);
      launches->push_back(x);
      return launcher->start({}, x.on_exit);
    },
    [=](atom::get, const std::string&) { return *log; },
    [=](atom::erase, const std::string&) -> caf::result<atom::ok> {
      if (!*slow)
        return atom::ok_v;
      self->state.held.push_back(self->make_response_promise<atom::ok>());
      return self->state.held.back();
    },
    [=](atom::ready, const std::string&) {},
    [=](const process_ended&) {},
    [=](atom::maintain) {},
    [=](atom::tick) {},
    [=](atom::status) { return std::vector<actor_status>{}; },
  };
}

} // namespace

namespace {

resolved_binaries fetched(const std::string& uri) {
  return {{{uri, "Jar", "d-" + uri, "/fetched/" + uri}}};
}

fake_dependencies_actor::behavior_type
fake_dependencies(fake_dependencies_actor::pointer self,
                  std::shared_ptr<std::vector<std::string>> told,
                  std::shared_ptr<slow_fetches_list> slow) {
  return {
    [self, told, slow](atom::resolve, const std::string& uri,
                       const std::vector<std::string>& in_use)
      -> caf::result<resolved_binaries> {
      *told = in_use;
      if (uri.find("missing") != std::string::npos)
        return make_error(ec::job_loading_failed, "cannot fetch " + uri);
      if (uri.find("slow") != std::string::npos) {
        slow->push_back(
          {uri, self->make_response_promise<resolved_binaries>()});
        return slow->back().promise;
      }
      return fetched(uri);
    },
    // Here, for a promise may be kept only in a turn of the actor that made it.
    [slow](atom::fetched) {
      for (auto& x : std::exchange(*slow, {}))
        x.promise.deliver(fetched(x.uri));
    },
    [](atom::status) { return std::vector<actor_status>{}; },
  };
}

} // namespace

fixture::fixture() {
  spdlog::set_level(spdlog::level::off);
  folder = std::filesystem::temp_directory_path() / ("hearth-" + make_uuid());
  store
    = sys.spawn(store_behavior,
                std::shared_ptr<hearth::store>{open_store("sqlite::memory:")},
                store_spec{});
  // The content's writer is detached and so not under this scheduler; the
  // tests that upload wait for it.
  registry = std::make_shared<binary_registry>(
    std::make_shared<content_files>(folder.string()));
  fetcher = sys.spawn(fake_dependencies, told_in_use, slow_fetches);
  binaries_handle
    = sys.spawn(binaries, registry, store, dependencies_actor{fetcher}, 1000);
  std::filesystem::create_directories(results_folder());
  results_handle
    = sys.spawn(results, result_settings{results_folder().string(), 1});
  drivers_handle = sys.spawn(fake_drivers, launcher, launches, launch_failure,
                             log, slow_drivers);
  spec.policy.max_jobs = 2;
  spec.policy.init_timeout = 60s;
  spec.policy.deletion_timeout = 40s;
  spec.policy.kill_timeout = 5s;
  spec.policy.redial_timeout = 10s;
  spec.policy.max_result = 8 << 20;
  progress_handle = sys.spawn(progress);
  data_handle
    = sys.spawn(data, std::make_shared<data_files>((folder / "data").string()));
  auto parts = std::make_shared<services>();
  parts->launcher = launcher;
  parts->drivers = drivers_handle;
  parts->binaries = binaries_handle;
  parts->registry = registry;
  parts->store = store;
  parts->results = results_handle;
  parts->progress = progress_handle;
  parts->data = data_handle;
  spec.services = std::move(parts);
  spec.random = [] { return 0.0; }; // pauses are as long as they can be
  supervisor = sys.spawn(context_supervisor, spec);
  run();
}

void fixture::next_server(std::vector<leftover_context> leftovers) {
  ask<atom::ok>(supervisor, atom::detach_v);
  caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  run();
  auto next = spec;
  next.leftovers = std::move(leftovers);
  supervisor = sys.spawn(context_supervisor, std::move(next));
  run();
}

fixture::~fixture() {
  ask<atom::ok>(supervisor, atom::stop_all_v, true);
  for (auto& [pid, on_exit] : std::map{launcher->alive})
    launcher->die(pid, 0, 0);
  run();
  caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(drivers_handle, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(binaries_handle, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(store, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(progress_handle, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(data_handle, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(results_handle, caf::exit_reason::user_shutdown);
  slow_fetches->clear(); // they keep the actor that was asked
  for (auto& helper : helpers)
    caf::anon_send_exit(helper, caf::exit_reason::user_shutdown);
  run();
  // The content's writer may remove something of it at this very moment.
  for (int i = 0; i < 100 && std::filesystem::exists(folder); ++i) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
  }
}

void fixture::upload(const std::string& name, const std::string& content) {
  auto result = ask<binary_record>(
    binaries_handle, atom::put_v,
    binary_upload{name, binary_type::jar,
                  std::make_shared<const std::string>(jar_with(content))});
  auto give_up = std::chrono::steady_clock::now() + 10s;
  while (result->pending() && std::chrono::steady_clock::now() < give_up)
    run();
  REQUIRE(result->value.has_value());
}

std::shared_ptr<answer<context_record>> fixture::create(const std::string& name,
                                                        settings_map settings) {
  return ask<context_record>(supervisor, atom::create_v,
                             context_request{name, std::move(settings), false});
}

std::shared_ptr<fake_agent>
fixture::dial(protocol::hello hello, std::vector<protocol::frame> first_words) {
  REQUIRE_FALSE(launches->empty());
  auto& x = launches->back();
  auto agent = std::make_shared<fake_agent>();
  agent->first_words = std::move(first_words);
  launcher->agents[launcher->next - 1] = agent;
  hello.context_id = x.context_id;
  hello.token = x.token;
  caf::anon_send(supervisor, agent_hello{agent, hello});
  run();
  return agent;
}

std::shared_ptr<fake_agent> fixture::running_context(const std::string& name,
                                                     settings_map settings) {
  auto created = create(name, std::move(settings));
  auto agent = dial();
  REQUIRE(agent->accepted);
  agent->say(to_frame(protocol::context_ready{"app-1", "", "3.5"}));
  run();
  REQUIRE(created->value.has_value());
  return agent;
}

std::shared_ptr<answer<job_record>> fixture::submit(const std::string& context,
                                                    bool sync,
                                                    std::int64_t timeout_ms) {
  job_request x;
  x.context = context;
  x.binaries = {"jar"};
  x.by_app_name = true;
  x.main_class = "some.Job";
  x.config = "{}";
  x.sync = sync;
  x.timeout_ms = timeout_ms;
  return ask<job_record>(supervisor, atom::run_v, x);
}

void fixture::say_parts(fake_agent& agent, const std::string& job,
                        std::size_t parts) {
  for (std::size_t i = 0; i < parts; ++i)
    agent.say(protocol::result_part_frame(
      job, std::string(256 << 10, static_cast<char>('a' + i % 26))));
  run();
}

std::string fixture::put_data(const std::string& content) {
  auto stored = ask<std::string>(
    data_handle, atom::put_v,
    data_upload{"rec", std::make_shared<const std::string>(content)});
  return stored->value.value();
}

std::uint64_t fixture::credit_of(const fake_agent& agent) {
  std::uint64_t result = 0;
  for (auto& x : agent.of(protocol::kind::credit))
    result += protocol::parse_credit(x).bytes;
  return result
         + protocol::parse_run_job(agent.of(protocol::kind::run_job).back())
             .credit;
}

std::string fixture::last_job(const fake_agent& agent) {
  auto all = agent.of(protocol::kind::run_job);
  REQUIRE_FALSE(all.empty());
  return protocol::parse_job(all.back());
}

void fixture::started(fake_agent& agent, const std::string& job) {
  agent.say(protocol::job_started_frame(job));
  run();
}

void fixture::ended(fake_agent& agent, const std::string& job,
                    protocol::outcome how, const std::string& result) {
  agent.say(to_frame(
    protocol::job_ended{job, how, {"Foobar", "some.Error", "at x"}}, result));
  run();
}

context_record fixture::context_now(const std::string& name) {
  auto result = ask<context_record>(supervisor, atom::get_v, name);
  REQUIRE(result->value.has_value());
  return *result->value;
}

job_record fixture::job_now(const std::string& id) {
  auto result = ask<job_record>(store, atom::get_v, atom::by_id_v, id);
  REQUIRE(result->value.has_value());
  return *result->value;
}

} // namespace hearth::test
