#include "apps/parts.hpp"

#include <caf/all.hpp>

#include "actors/api/context_directory.hpp"
#include "actors/binaries/binaries.hpp"
#include "actors/binaries/dependencies.hpp"
#include "actors/services/authenticator.hpp"
#include "actors/services/callbacks.hpp"
#include "actors/services/data.hpp"
#include "actors/services/logs.hpp"
#include "actors/services/progress.hpp"
#include "actors/services/results.hpp"
#include "actors/storage/store_actor.hpp"
#include "actors/supervision/death.hpp"
#include "actors/supervision/keeper.hpp"
#include "http/core/json.hpp"

namespace hearth {

namespace {

/// Renders a callback: what a sync client would have got, or for a result in a
/// file only where to find it.
std::string callback_body(const job_record& job) {
  if (job.result_size == 0)
    return http::json::job_answer(job);
  auto without_result = job;
  without_result.result = R"({"message":"the result has )"
                          + std::to_string(job.result_size)
                          + " bytes, GET /jobs/" + job.id + R"( sends it"})";
  return http::json::job_answer(without_result);
}

store_spec store_spec_of(const conf::settings& settings,
                         const data_folder& folder) {
  return {settings.flush, settings.retain,
          [folder](const auto& jobs) { folder.remove_results(jobs); },
          [folder](const auto& contexts) { folder.remove_contexts(contexts); }};
}

callback_settings callback_settings_of(const conf::settings& settings,
                                       const data_folder& folder) {
  const auto& limits = settings.callbacks;
  return {folder.callbacks, limits.attempts,    limits.pause,
          limits.timeout,   limits.max_waiting, callback_body};
}

} // namespace

parts::parts(caf::actor_system& system, const conf::settings& settings,
             const data_folder& folder, part_lost on_lost)
  : system_(system), settings_(settings), folder_(folder),
    on_lost_(std::move(on_lost)),
    ending_(std::make_shared<std::atomic<bool>>(false)) {
  // nop
}

template <class Handle>
Handle parts::watched(const char* name, Handle part) {
  auto* actor = caf::actor_cast<caf::abstract_actor*>(part);
  actor->attach_functor(
    [name, ending = ending_, on_lost = on_lost_](const caf::error& why) {
      if (!*ending)
        on_lost(name, death_text(why));
    });
  return part;
}

void parts::start(std::unique_ptr<store> opened,
                  std::vector<leftover_context> leftovers,
                  std::shared_ptr<launch::launcher> launcher,
                  const std::string& agent_socket, const node_faults& faults) {
  set_part_hook(faults.on_part);
  faults.step("the store");
  auto known = opened->binaries();
  handles_.store = watched("store", spawn_part<caf::detached>(
                                      system_, "store", store_behavior,
                                      std::shared_ptr<store>{std::move(opened)},
                                      store_spec_of(settings_, folder_)));
  start_services(faults);
  start_binaries(std::move(known), launcher, faults);
  faults.step("the drivers");
  drivers_ = watched(
    "drivers", keep<drivers_actor>(
                 system_, "drivers",
                 lives_of<caf::detached>(
                   hearth::drivers,
                   driver_settings{
                     settings_.data_dir, folder_.agent_endpoint, agent_socket,
                     settings_.spark, settings_.native, settings_.python,
                     settings_.agent, settings_.context_defaults,
                     settings_.max_log, settings_.context_environment},
                   launcher)));
  faults.step("the supervisor");
  supervisor_spec spec;
  spec.context_defaults = settings_.context_defaults;
  spec.start_contexts = settings_.start_contexts;
  spec.policy = policy_of(settings_);
  spec.leftovers = std::move(leftovers);
  spec.max_contexts = settings_.max_contexts;
  spec.services = std::make_shared<const services>(services{
    std::move(launcher), drivers_, handles_.binaries, registry_, handles_.store,
    handles_.results, handles_.callbacks, handles_.progress, handles_.data});
  handles_.open = spec.open;
  handles_.supervisor
    = watched("supervisor", spawn_part(system_, "supervisor",
                                       context_supervisor, std::move(spec)));
}

void parts::start_services(const node_faults& faults) {
  faults.step("the results");
  handles_.results = watched(
    "results",
    keep<results_actor>(
      system_, "results",
      lives_of<caf::detached>(
        results, result_settings{folder_.results, settings_.min_free_space})));
  faults.step("the progress");
  handles_.progress = watched(
    "progress", keep<progress_actor>(system_, "progress", lives_of(progress)));
  faults.step("the logs");
  handles_.logs = watched(
    "logs", keep<logs_actor>(system_, "logs",
                             lives_of<caf::detached>(logs, folder_.contexts)));
  faults.step("the data files");
  handles_.data = watched(
    "data",
    keep<data_actor>(system_, "data",
                     lives_of<caf::detached>(
                       data, std::make_shared<data_files>(
                               folder_.data, settings_.max_data_files))));
  faults.step("the callbacks");
  handles_.callbacks = watched(
    "callbacks",
    keep<callbacks_actor>(system_, "callbacks",
                          lives_of<caf::detached>(
                            callbacks, callback_settings_of(settings_, folder_),
                            handles_.store, nullptr)));
  if (!settings_.http.access.enabled)
    return;
  faults.step("the access");
  handles_.access = watched(
    "access",
    keep<access_actor>(system_, "access",
                       lives_of<caf::detached>(
                         access, authenticator_settings{check_users(settings_),
                                                        default_hashers()})));
}

void parts::start_binaries(std::vector<binary_record> known,
                           const std::shared_ptr<launch::launcher>& launcher,
                           const node_faults& faults) {
  faults.step("the dependencies");
  const auto& limits = settings_.dependencies;
  dependencies_
    = watched("dependencies",
              keep<dependencies_actor>(
                system_, "dependencies",
                lives_of<caf::detached>(
                  hearth::dependencies,
                  dependency_settings{folder_.dependencies, limits.max_size,
                                      limits.max_folder, limits.timeout,
                                      limits.maven, limits.maven_repositories,
                                      settings_.context_environment},
                  launcher, nullptr)));
  faults.step("the binaries");
  registry_ = std::make_shared<binary_registry>(
    std::make_shared<content_files>(folder_.binaries));
  registry_->load(std::move(known));
  handles_.binaries
    = watched("binaries", spawn_part(system_, "binaries", binaries, registry_,
                                     handles_.store, dependencies_,
                                     settings_.max_binaries));
}

void parts::forget() {
  handles_ = {};
  drivers_ = nullptr;
  dependencies_ = nullptr;
}

context_policy policy_of(const conf::settings& settings) {
  context_policy result;
  static_cast<conf::context_limits&>(result) = settings.contexts;
  result.redial_timeout = settings.agent.redial_timeout;
  result.max_result = settings.max_result;
  result.longest_wait = settings.http.max_sync_wait;
  return result;
}

} // namespace hearth
