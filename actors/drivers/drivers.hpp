/// The actor that starts the processes of contexts. It is detached because it
/// writes files and reads logs. It waits for no process, so one start does not
/// hold up another.
///
/// Each context has a folder `<data-dir>/contexts/<id>/` with two files.
/// `agent.json` is the start file with the token; it is removed when the
/// process is gone. `driver.log` has the stdout and stderr of the process; it
/// stays.
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
  std::string endpoint_file;   ///< tells agents the address of the agent port
  std::string endpoint_socket; ///< path, for agents on this machine, or ""
  conf::spark_settings spark;
  conf::native_settings native;
  conf::python_settings python;
  conf::agent_settings agent;
  conf::settings_map context_defaults; ///< for spares
  std::size_t max_log = 64 << 20;      ///< bytes, of a context's log
  /// Variables that processes get in addition to the usual ones of the server's
  /// environment.
  std::vector<std::string> environment;
};

/// A message with which Spark's launcher answers how a driver is started.
struct launcher_answer {
  launch::submit_answer answer;
};

/// A start of a driver that waits for an answer of Spark's launcher.
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
