#include "apps/node.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <optional>

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include "apps/data_folder.hpp"
#include "apps/event_loop.hpp"
#include "apps/last_resort.hpp"
#include "apps/log.hpp"
#include "apps/parts.hpp"
#include "apps/recovery.hpp"
#include "apps/shutdown.hpp"
#include "apps/stop_request.hpp"
#include "http/wire/server.hpp"
#include "runtime/launch/posix_launcher.hpp"
#include "runtime/link/agent_server.hpp"
#include "store/files/result_file.hpp"

namespace hearth {

namespace {

using std::chrono::milliseconds;

/// The time for ending the started parts after a start that failed.
constexpr milliseconds undo_limit{800};
constexpr milliseconds undo_hangs{900};

link::agent_server_config agent_config(const conf::settings& settings,
                                       const data_folder& folder) {
  link::agent_server_config result;
  result.address = settings.agent.address;
  result.port = settings.agent.port;
  result.socket = folder.agent_socket;
  result.heartbeat = settings.agent.heartbeat;
  result.silence
    = std::max(settings.agent.heartbeat_timeout, 2 * settings.agent.heartbeat);
  return result;
}

void report(const recovered& found) {
  if (found.ended_contexts + found.ended_jobs > 0)
    spdlog::warn("the last server was killed: {} contexts and {} jobs ended, "
                 "{} processes were ended",
                 found.ended_contexts, found.ended_jobs, found.ended_processes);
  if (!found.contexts.empty())
    spdlog::info("taking over {} contexts of the last server",
                 found.contexts.size());
}

} // namespace

class node::impl {
public:
  impl(conf::settings s, node_faults f)
    : settings(std::move(s)), faults(std::move(f)), folder(settings),
      all(loop.system(), settings, folder,
          [](const auto& part, const auto& why) {
            request_stop("the part " + part + " has ended: " + why);
          }) {
    // nop
  }

  /// Every step of a start. If one throws, `stop` ends those before it.
  void start() {
    faults.step("the users");
    check_users(settings);
    faults.step("the data folder");
    folder.make();
    faults.step("the database");
    auto opened = open_database(settings);
    // From here on this server owns the data folder, so it may remove files
    // that a killed server left there.
    faults.step("the agent port");
    open_agent_port();
    faults.step("the agent endpoint");
    write_endpoint(folder, settings, agents->port());
    faults.step("the recovery");
    auto found
      = recover(*opened, *launcher, settings.data_dir, policy_of(settings));
    report(found);
    if (auto swept = sweep_results(folder.results, *opened))
      spdlog::warn("{} results that were not complete are removed", swept);
    all.start(std::move(opened), std::move(found.contexts), launcher,
              agents->socket(), faults);
    faults.step("the HTTP server");
    http.emplace(loop.io(), settings.http, loop.system(), all.handles(),
                 http::body_parsers{}, http::deadlines{}, all.drivers());
    faults.step("the HTTP port");
    http->start();
    faults.step("the event loop");
    catch_stop_signals();
    loop.start(loop_rules());
    faults.step("the first contexts");
    caf::anon_send(all.handles().supervisor, atom::start_all_v);
  }

  std::vector<std::string> stop(const stop_rules& rules) {
    stopped = true;
    auto result
      = stop_server({loop, all, http ? &*http : nullptr, agents.get()}, rules);
    return result;
  }

  conf::settings settings;
  node_faults faults;
  data_folder folder;
  std::shared_ptr<launch::launcher> launcher
    = std::make_shared<launch::posix_launcher>();
  bool stopped = false;
  // Members are destroyed from the last to the first, so parts that use the
  // loop are destroyed before it.
  event_loop loop;
  parts all;
  std::unique_ptr<link::agent_server> agents;
  std::optional<http::server> http;

private:
  void open_agent_port() {
    agents = std::make_unique<link::agent_server>(
      loop.io(), agent_config(settings, folder),
      [this](link::agent_link_ptr link, const protocol::hello& hello) {
        if (const auto& supervisor = all.handles().supervisor)
          caf::anon_send(supervisor, agent_hello{std::move(link), hello});
      });
  }

  loop_settings loop_rules() {
    loop_settings result;
    result.stay_awake = settings.http.stay_awake;
    result.after_full_round = [this] { agents->look(); };
    return result;
  }
};

node::node(conf::settings settings, node_faults faults)
  : impl_(std::make_unique<impl>(std::move(settings), std::move(faults))) {
  try {
    impl_->start();
  } catch (const std::exception& e) {
    auto print = [why = std::string{e.what()}] {
      std::cerr << "hearthd: " << why << std::endl;
    };
    last_resort guard{undo_hangs, EXIT_FAILURE, print};
    // Contexts of the last server belong to the next one.
    stop_rules rules{conf::shutdown_mode::detach, undo_limit, false};
    if (!impl_->stop(rules).empty()) {
      print();
      std::_Exit(EXIT_FAILURE);
    }
    impl_.reset();
    throw;
  }
}

node::~node() {
  if (!impl_->stopped && !stop().empty())
    std::_Exit(exit_given_up);
}

std::uint16_t node::port() const noexcept {
  return impl_->http->port();
}

std::string node::wait() {
  return await_stop_request();
}

std::vector<std::string> node::stop() {
  auto limit = impl_->settings.shutdown_timeout;
  std::atomic<const char*> now = "beginning";
  last_resort guard{limit, exit_given_up, [&now] {
                      spdlog::error("the stop hangs: gave up {}", now.load());
                      end_log(milliseconds{100});
                    }};
  stop_rules rules;
  rules.mode = impl_->settings.shutdown;
  // The rest is freed by the end of the process.
  rules.limit = limit - std::min(limit / 10, milliseconds{500});
  rules.on_step = [this, &now](const char* step) {
    now = step;
    impl_->faults.step(step);
  };
  auto given_up = impl_->stop(rules);
  if (given_up.empty()) {
    now = "destroying what has ended";
    impl_->http.reset();
    impl_->agents.reset();
  }
  return given_up;
}

} // namespace hearth
