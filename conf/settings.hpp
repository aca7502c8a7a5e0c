/// All settings of the server, with their defaults. conf/load.hpp reads them;
/// conf/hearth.conf explains each key.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/setting.hpp"

namespace hearth::conf {

using std::chrono::milliseconds;

using hearth::settings_map;

/// Who may do what; see conf/permissions.hpp.
struct access_settings {
  bool enabled = false;  ///< if false, everyone may do everything
  std::string users;     ///< path of the file; "": `users` in the data folder
  std::string anonymous; ///< permissions of requests without a user
  milliseconds cache_time{60'000}; ///< how long a right password is remembered
};

struct http_settings {
  std::string address = "127.0.0.1";  ///< spark.jobserver.bind-address
  std::uint16_t port = 8090;          ///< spark.jobserver.port; 0: any free one
  std::size_t max_body = 8 << 20;     ///< bytes, of everything but uploads
  std::size_t max_upload = 512 << 20; ///< bytes, of one binary
  std::size_t upload_budget = std::size_t{1}
                              << 30; ///< bytes, of all bodies under way
  std::size_t max_url = 8 << 10;     ///< bytes
  std::size_t max_header = 16 << 10; ///< bytes, of all header fields
  std::size_t max_connections = 10000;
  std::size_t max_client_connections = 0; ///< of one address; 0: no limit
  std::size_t max_requests = 1024;        ///< under way for less than a second
  std::size_t max_waiting = 5000;         ///< under way for longer
  std::size_t min_receive_rate = 1 << 10; ///< bytes/s, of a request's arrival
  std::string allowed_origins; ///< of browsers' pages; comma-separated
  std::string allowed_hosts;   ///< names of this server; comma-separated
  std::size_t answer_budget = 256 << 20; ///< bytes, of answers not read yet
  milliseconds idle_timeout{60'000};     ///< of a connection between requests
  milliseconds max_sync_wait{3'600'000}; ///< longest `timeout` of a sync job
  bool stay_awake = false; ///< whether to poll shortly before sleeping
  access_settings access;
};

struct agent_settings {
  std::string address = "127.0.0.1"; ///< where agents dial to
  std::uint16_t port = 0;            ///< 0: any free one
  milliseconds heartbeat{5'000};
  milliseconds heartbeat_timeout{15'000}; ///< after it an agent is "silent"
  milliseconds redial_timeout{30'000};    ///< after it a silent agent is ended
  milliseconds orphan_timeout{60'000}; ///< an agent without a server then ends
};

struct spark_settings {
  std::string master = "local[*]"; ///< spark.master
  std::string home;                ///< spark.home, else $SPARK_HOME
  /// hearth.spark.homes { name = path }
  std::map<std::string, std::string> homes;
  std::string default_home;  ///< a name of `homes`; "": see hearth.conf
  bool class_archive = true; ///< make and use archives of loaded classes
  std::int32_t warm_spares = 1;
  std::size_t spare_memory_floor = std::size_t{1} << 30; ///< bytes
  std::string agent_dir; ///< the folder of the files hearth-agent_2.1x.jar
};

struct native_settings {
  std::string agent; ///< path of the agent; "": beside the server's own file
};

struct python_settings {
  std::string agent_dir; ///< the agent's packages; "": see hearth.conf
};

/// When a context whose process ended gets another process.
enum class restart_mode { never, on_failure, always };

/// What happens to a job that arrives while its context has no process.
enum class arrival_mode { wait, refuse };

/// What a kill does if the job does not end: it ends the context's process, or
/// nothing.
enum class kill_escalation { process, none };

/// What an orderly stop of the server does with the contexts.
enum class shutdown_mode { stop, detach };

/// The defaults for contexts, whose own settings may say otherwise.
struct context_limits {
  std::int32_t max_jobs = 8;         ///< spark.jobserver.max-jobs-per-context
  milliseconds init_timeout{60'000}; ///< spark.jobserver.context-init-timeout
  milliseconds deletion_timeout{
    40'000};                      ///< spark.jobserver.context-deletion-timeout
  bool stop_on_job_error = false; ///< stop-context-on-job-error
  milliseconds kill_timeout{5'000}; ///< between steps of the kill ladder
  kill_escalation escalation = kill_escalation::process;
  restart_mode restart = restart_mode::never;
  std::int32_t restart_limit = 5; ///< failures in the window before it gives up
  milliseconds restart_window{600'000};
  milliseconds restart_backoff{500}; ///< the first pause; it doubles
  milliseconds restart_max_backoff{30'000};
  milliseconds restart_good_run{60'000}; ///< resets the pause to the first one
  arrival_mode arrivals = arrival_mode::wait;
  milliseconds restart_wait{30'000}; ///< how long a job waits for its context
  std::int32_t restart_queue = 100;  ///< how many jobs may wait for it
  bool queue = false;                ///< whether a job waits if no slot is free
  std::int32_t max_queue = 1000;     ///< how many jobs may wait for a slot
  milliseconds max_wait{0};          ///< for a slot; 0: no limit
  milliseconds reconcile{10'000};    ///< between two looks at its process
  milliseconds idle_timeout{0};      ///< without a job; 0: no limit
  milliseconds max_lifetime{0};      ///< of a process; 0: no limit
  milliseconds recovery_timeout{10'000}; ///< for agents of an earlier server
};

/// How the end of a job is delivered to its callbackUrl.
struct callback_limits {
  std::int32_t attempts = 5;
  milliseconds pause{1'000};        ///< after the first failure, then doubled
  milliseconds timeout{10'000};     ///< of one attempt
  std::size_t max_waiting = 10'000; ///< callbacks that are not delivered yet
};

/// Limits for jars that the server fetches from other servers for jobs.
struct dependency_limits {
  std::size_t max_size = 512 << 20;               ///< bytes, of one file
  std::size_t max_folder = std::size_t{10} << 30; ///< bytes, of all together
  milliseconds timeout{300'000};                  ///< for one URL or coordinate
  std::string maven = "mvn";                      ///< the program
  std::string maven_repositories; ///< URLs, comma-separated; "": Maven's own
};

/// When writes are flushed to the disk.
enum class flush_policy {
  promised, ///< only what a client relies on: a 202, a context, a binary
  always,
  never
};

/// How long ended jobs and contexts are remembered: up to an age and up to a
/// number, whichever is reached first.
struct retention_settings {
  milliseconds time{7 * 86'400'000ll}; ///< since their end
  std::int64_t count = 1'000'000;      ///< of jobs, and of contexts; the newest
  milliseconds keys{86'400'000};       ///< since an Idempotency-Key was used
};

struct settings {
  http_settings http;
  agent_settings agent;
  spark_settings spark;
  native_settings native;
  python_settings python;
  context_limits contexts;
  callback_limits callbacks;
  dependency_limits dependencies;
  std::string data_dir = "data";
  std::string store_url;           ///< "": sqlite:<data_dir>/hearth.db
  std::string store_password_file; ///< "": none
  flush_policy flush = flush_policy::promised;
  retention_settings retain;
  std::size_t max_result = 256 << 20;     ///< bytes, of one job's result
  std::size_t min_free_space = 256 << 20; ///< bytes that results leave free
  std::size_t max_contexts = 200;         ///< live at once
  std::size_t max_log = 64 << 20;         ///< bytes, of a context's log
  std::size_t max_binaries = 10'000;      ///< names
  std::size_t max_data_files = 10'000;
  std::string log_level = "info";
  milliseconds shutdown_timeout{30'000};
  shutdown_mode shutdown = shutdown_mode::stop;
  settings_map context_defaults; ///< spark.context-settings { … }
  /// Variables that contexts get in addition to the usual ones of the server's
  /// environment: entries NAME, NAME* and NAME=VALUE.
  std::vector<std::string> context_environment;
  /// spark.contexts { name { … } }, started at boot, in the file's order.
  std::vector<std::pair<std::string, settings_map>> start_contexts;
};

} // namespace hearth::conf
