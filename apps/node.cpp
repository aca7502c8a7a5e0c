#include "apps/node.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "actors/api/error.hpp"
#include "actors/binaries/binaries.hpp"
#include "actors/binaries/dependencies.hpp"
#include "actors/contexts/supervisor.hpp"
#include "actors/drivers/drivers.hpp"
#include "actors/services/authenticator.hpp"
#include "actors/services/callbacks.hpp"
#include "actors/services/data.hpp"
#include "actors/services/logs.hpp"
#include "actors/services/progress.hpp"
#include "actors/services/results.hpp"
#include "actors/storage/store_actor.hpp"
#include "apps/actor_system.hpp"
#include "apps/log.hpp"
#include "apps/recovery.hpp"
#include "apps/shutdown.hpp"
#include "base/private_files.hpp"
#include "http/core/json.hpp"
#include "http/wire/server.hpp"
#include "runtime/launch/posix_launcher.hpp"
#include "runtime/link/agent_server.hpp"
#include "store/files/durable_write.hpp"
#include "store/files/result_file.hpp"
#include "store/store.hpp"

namespace hearth {

namespace {

namespace fs = std::filesystem;

std::string store_url(const conf::settings& settings) {
  return settings.store_url.empty()
           ? "sqlite:" + settings.data_dir + "/hearth.db"
           : settings.store_url;
}

std::string results_folder(const conf::settings& settings) {
  return settings.data_dir + "/results";
}

fs::path users_file(const conf::settings& settings) {
  const auto& file = settings.http.access.users;
  return file.empty() ? fs::path{settings.data_dir} / "users" : fs::path{file};
}

std::string contexts_folder(const conf::settings& settings) {
  return settings.data_dir + "/contexts";
}

/// What an ended context left: its log.
void remove_context(const std::string& folder, const std::string& id) {
  std::error_code error;
  fs::remove_all(fs::path{folder} / id, error);
  if (error)
    spdlog::warn("the folder of the context {} is left: {}", id,
                 error.message());
}

std::unique_ptr<store> open(const conf::settings& settings) {
  make_private_folder(settings.data_dir);
  return open_store(store_url(settings), settings.store_password_file);
}

/// Agents find the port in a file, for a later server may listen elsewhere.
std::string write_endpoint(const conf::settings& settings, std::uint16_t port) {
  auto path = fs::absolute(fs::path{settings.data_dir} / "agent-endpoint");
  write_flushed(path,
                settings.agent.address + ':' + std::to_string(port) + '\n');
  return path.string();
}

context_policy policy_of(const conf::settings& x) {
  context_policy result;
  static_cast<conf::context_limits&>(result) = x.contexts;
  result.redial_timeout = x.agent.redial_timeout;
  result.max_result = x.max_result;
  return result;
}

/// An actor that waits for an answer nobody gives any more would keep the actor
/// system, and so the process, alive. By now all that was promised is stored
/// and every context's process is gone or left alone, so nothing is lost by
/// ending anyway.
void end_within(std::chrono::seconds time, int code) {
  std::thread{[time, code] {
    std::this_thread::sleep_for(time);
    spdlog::error("something still waits for an answer: ending without it");
    end_log();
    std::_Exit(code);
  }}.detach();
}

/// What the callback of a job gets: as a sync client would, but for results
/// that lie in files, which it is told where to find.
std::string callback_body(const job_record& job) {
  if (job.result_size == 0)
    return http::json::job_answer(job);
  auto told = job;
  told.result = R"({"message":"the result has )"
                + std::to_string(job.result_size) + " bytes, GET /jobs/"
                + job.id + R"( sends it"})";
  return http::json::job_answer(told);
}

} // namespace

class node::impl {
public:
  explicit impl(conf::settings s)
    : settings(std::move(s)),
      launcher(std::make_shared<launch::posix_launcher>()),
      system(config.run_actors_on(io)) {
    if (settings.http.access.enabled)
      read_users(users_file(settings)); // says what is wrong with it
    auto opened = open(settings);
    // Now the data folder is ours, and so is what a killed server left in it.
    agents = std::make_unique<link::agent_server>(
      io, agent_config(),
      [this](link::agent_link_ptr link, const protocol::hello& hello) {
        caf::anon_send(actors.supervisor, agent_hello{std::move(link), hello});
      });
    auto found
      = recover(*opened, *launcher, settings.data_dir, policy_of(settings));
    if (found.ended_contexts + found.ended_jobs > 0)
      spdlog::warn("the last server was killed: {} contexts and {} jobs ended, "
                   "{} processes were ended",
                   found.ended_contexts, found.ended_jobs,
                   found.ended_processes);
    if (!found.contexts.empty())
      spdlog::info("taking over {} contexts of the last server",
                   found.contexts.size());
    if (auto swept = sweep_results(results_folder(settings), *opened))
      spdlog::warn("{} results that were not complete are removed", swept);
    spawn_actors(std::move(opened), std::move(found.contexts));
    http_server_
      = std::make_unique<http::server>(io, settings.http, system, actors);
    listen();
    thread = std::thread{[this] { run(); }};
    caf::anon_send(actors.supervisor, atom::start_all_v);
  }

  ~impl() {
    stop();
  }

  void wait() {
    stop_requested.get_future().wait();
  }

  void stop() {
    if (!thread.joinable())
      return;
    auto deadline = settings.shutdown_timeout;
    // Half of the time for what is under way, the other for the contexts.
    std::promise<void> drained;
    http_server_->stop(deadline / 2, [&drained] { drained.set_value(); });
    drained.get_future().wait();
    end_actors(settings.shutdown, deadline / 2, EXIT_SUCCESS);
    spdlog::info("stopped");
  }

  std::uint16_t port() const noexcept {
    return http_server_->port();
  }

private:
  link::agent_server_config agent_config() const {
    link::agent_server_config result;
    result.address = settings.agent.address;
    result.port = settings.agent.port;
    result.socket
      = fs::absolute(fs::path{settings.data_dir} / "agent" / "agent.sock")
          .lexically_normal()
          .string();
    result.heartbeat = settings.agent.heartbeat;
    result.silence = std::max(settings.agent.heartbeat_timeout,
                              2 * settings.agent.heartbeat);
    return result;
  }

  void spawn_actors(std::unique_ptr<store> opened,
                    std::vector<leftover_context> leftovers) {
    auto known = opened->binaries();
    auto database = std::make_shared<shared_database>(std::move(opened));
    ends = std::make_shared<end_writer>(
      database, settings.flush != conf::flush_policy::always);
    actors.store = system.spawn<caf::detached>(
      store_behavior, database,
      store_spec{settings.flush, settings.retain,
                 [folder = results_folder(settings)](const auto& jobs) {
                   for (auto& id : jobs)
                     remove_result(folder, id);
                 },
                 [folder = contexts_folder(settings)](const auto& contexts) {
                   for (auto& id : contexts)
                     remove_context(folder, id);
                 },
                 ends});
    actors.results = system.spawn<caf::detached>(
      results,
      result_settings{results_folder(settings), settings.min_free_space});
    auto& needed = settings.dependencies;
    dependencies_handle = system.spawn<caf::detached>(
      dependencies,
      dependency_settings{settings.data_dir + "/dependencies", needed.max_size,
                          needed.max_folder, needed.timeout, needed.maven,
                          needed.maven_repositories,
                          settings.context_environment},
      launcher, nullptr);
    if (settings.http.access.enabled)
      actors.access = system.spawn<caf::detached>(
        access,
        authenticator_settings{users_file(settings), default_hashers()});
    actors.progress = system.spawn(progress);
    actors.logs = system.spawn<caf::detached>(logs, contexts_folder(settings));
    auto registry = std::make_shared<binary_registry>(
      std::make_shared<content_files>(settings.data_dir + "/binaries"));
    actors.binaries
      = system.spawn(binaries, registry, actors.store, dependencies_handle,
                     std::move(known), settings.max_binaries);
    actors.data = system.spawn<caf::detached>(
      data, std::make_shared<data_files>(settings.data_dir + "/data",
                                         settings.max_data_files));
    auto& told = settings.callbacks;
    actors.callbacks = system.spawn<caf::detached>(
      callbacks,
      callback_settings{settings.data_dir + "/callbacks", told.attempts,
                        told.pause, told.timeout, told.max_waiting,
                        callback_body},
      actors.store, nullptr);
    drivers_handle = system.spawn<caf::detached>(
      drivers,
      driver_settings{settings.data_dir,
                      write_endpoint(settings, agents->port()),
                      agents->socket(), settings.spark, settings.native,
                      settings.agent, settings.context_defaults,
                      settings.max_log, settings.context_environment},
      launcher);
    supervisor_spec spec;
    spec.context_defaults = settings.context_defaults;
    spec.start_contexts = settings.start_contexts;
    spec.policy = policy_of(settings);
    spec.leftovers = std::move(leftovers);
    spec.max_contexts = settings.max_contexts;
    spec.services = std::make_shared<const services>(
      services{launcher, drivers_handle, actors.binaries, std::move(registry),
               actors.store, ends, actors.results, actors.callbacks,
               actors.progress, actors.data});
    actors.open = spec.open;
    actors.supervisor = system.spawn(context_supervisor, std::move(spec));
  }

  /// Opens the port of the REST interface. Without it no one will ever stop the
  /// actors, and contexts of the last server belong to the next one.
  void listen() {
    try {
      http_server_->start();
    } catch (...) {
      thread = std::thread{[this] { run(); }};
      end_actors(conf::shutdown_mode::detach, settings.shutdown_timeout,
                 EXIT_FAILURE);
      throw;
    }
  }

  void end_actors(conf::shutdown_mode how, std::chrono::milliseconds deadline,
                  int exit_code) {
    terminate(system, actors, drivers_handle, how, deadline);
    end_within(std::chrono::seconds{5}, exit_code);
    dependencies_handle = nullptr;
    agents->stop();                 // its connections keep actors
    system.await_all_actors_done(); // they may run on the thread of io
    io.stop();
    thread.join();
    http_server_.reset();
  }

  void run() {
    asio::signal_set signals{io, SIGTERM, SIGINT};
    signals.async_wait([this](std::error_code code, int number) {
      if (code)
        return;
      spdlog::info("signal {}: stopping", number);
      stop_requested.set_value();
    });
    // Actors that end late run there, too, when all sockets are closed.
    auto until_stopped = asio::make_work_guard(io);
    loop_settings how;
    how.stay_awake = settings.http.stay_awake;
    how.after_round = [this] { return ends->commit_ends(); };
    how.after_full_round = [this] { agents->look(); };
    run_io(io, system, how);
  }

  conf::settings settings;
  std::shared_ptr<launch::launcher> launcher;
  asio::io_context io{1};
  system_config config;
  caf::actor_system system;
  actor_handles actors;
  std::shared_ptr<end_writer> ends;
  drivers_actor drivers_handle;
  dependencies_actor dependencies_handle;
  std::unique_ptr<link::agent_server> agents;
  std::unique_ptr<http::server> http_server_;
  std::promise<void> stop_requested;
  std::thread thread;
};

node::node(conf::settings settings)
  : impl_(std::make_unique<impl>(std::move(settings))) {
  // nop
}

node::~node() = default;

std::uint16_t node::port() const noexcept {
  return impl_->port();
}

void node::wait() {
  impl_->wait();
}

void node::stop() {
  impl_->stop();
}

} // namespace hearth
