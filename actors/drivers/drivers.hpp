/// The actor that starts the processes of contexts. It is detached because it
/// writes files and reads logs. It waits for no process, so one start does not
/// hold up another.
///
/// Each context has a folder `<data-dir>/contexts/<id>/` with `agent.json` (the
/// start file; it holds the token and goes when the process is gone) and
/// `driver.log` (stdout and stderr of the process; it stays).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/api/interfaces.hpp"
#include "actors/api/messages.hpp"
#include "actors/drivers/spark_drivers.hpp"
#include "conf/settings.hpp"
#include "runtime/launch/launcher.hpp"

namespace hearth {

/// The settings that all drivers of this server share.
struct driver_settings {
  std::string data_dir;
  std::string endpoint_file;   ///< where agents find the agent port
  std::string endpoint_socket; ///< of those on this machine, or ""
  conf::spark_settings spark;
  conf::native_settings native;
  conf::agent_settings agent;
  conf::settings_map context_defaults; ///< what most contexts are made with
  std::size_t max_log = 64 << 20;      ///< bytes, of a context's log
  /// What processes get of the server's environment beyond the usual.
  std::vector<std::string> environment;
};

/// The answer of Spark's launcher about the command of a driver.
struct launcher_answer {
  launch::submit_answer answer;
};

/// A driver that starts once Spark's launcher has said by which command.
struct waiting_launch {
  launch_request request;
  caf::typed_response_promise<process_id> promise;
};

struct drivers_state {
  static inline const char* name = "drivers";

  driver_settings settings;
  std::shared_ptr<launch::launcher> launcher;
  std::unique_ptr<spark_drivers> spark;
  std::vector<waiting_launch> waiting;
  std::set<std::string> running; ///< ids of contexts with a process
  millis since = 0;
};

drivers_actor::behavior_type
drivers(drivers_actor::stateful_pointer<drivers_state> self,
        driver_settings settings, std::shared_ptr<launch::launcher> launcher);

} // namespace hearth

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hearth::launcher_answer)
