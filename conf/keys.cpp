#include "conf/keys.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <type_traits>

#include "conf/permissions.hpp"
#include "conf/units.hpp"

namespace hearth::conf {

namespace {

/// A whole number from Min to Max.
template <std::int64_t Min, std::int64_t Max>
struct number {
  static bool read(const std::string& text, auto& to) {
    std::int64_t x = 0;
    auto* end = text.data() + text.size();
    auto [stop, error] = std::from_chars(text.data(), end, x);
    if (error != std::errc{} || stop != end || x < Min || x > Max)
      return false;
    to = static_cast<std::remove_reference_t<decltype(to)>>(x);
    return true;
  }

  static std::string write(auto x) {
    return std::to_string(x);
  }
};

struct port : number<0, 65535> {
  static constexpr auto form = "a port from 0 to 65535";
};

struct count : number<1, 1'000'000> {
  static constexpr auto form = "a number from 1 to 1000000";
};

struct limit : number<0, 1'000'000> {
  static constexpr auto form = "a number from 1 to 1000000; 0 for no limit";
};

struct large_count : number<1, 1'000'000'000'000> {
  static constexpr auto form = "a number from 1 to 1000000000000";
};

struct small_count : number<0, 100> {
  static constexpr auto form = "a number from 0 to 100";
};

struct on_off {
  static constexpr auto form = "on or off";

  static bool read(const std::string& text, bool& to) {
    auto on = text == "on" || text == "true";
    if (!on && text != "off" && text != "false")
      return false;
    to = on;
    return true;
  }

  static std::string write(bool x) {
    return x ? "on" : "off";
  }
};

struct size {
  static constexpr auto form = "a size such as 512k or 8MiB, at least one byte";

  static bool read(const std::string& text, std::size_t& to) {
    auto x = parse_size(text);
    if (!x || *x == 0)
      return false;
    to = *x;
    return true;
  }

  static std::string write(std::size_t x) {
    return std::to_string(x);
  }
};

struct duration {
  static constexpr auto form
    = "a duration such as 500ms, 10s or 1 minute, at least a millisecond";

  static bool read(const std::string& text, milliseconds& to) {
    auto x = parse_duration(text);
    if (!x || x->count() == 0)
      return false;
    to = *x;
    return true;
  }

  static std::string write(milliseconds x) {
    return std::to_string(x.count()) + "ms";
  }
};

struct any_text {
  static constexpr auto form = "a text";

  static bool read(const std::string& text, std::string& to) {
    to = text;
    return true;
  }

  static std::string write(const std::string& x) {
    return x;
  }
};

struct some_text : any_text {
  static constexpr auto form = "a text that is not empty";

  static bool read(const std::string& text, std::string& to) {
    return !text.empty() && any_text::read(text, to);
  }
};

struct permission_names : any_text {
  static constexpr auto form
    = "names of permissions such as jobs, contexts:read or *, comma-separated";

  static bool read(const std::string& text, std::string& to) {
    return parse_permissions(text) && any_text::read(text, to);
  }
};

/// NAME, NAME* or NAME=VALUE; no NAME is empty.
bool is_variable(std::string_view text) {
  auto end = text.find_first_of("*=");
  auto name = text.substr(0, end);
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '_';
  };
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')
      || !std::all_of(name.begin(), name.end(), allowed))
    return false;
  return end == text.npos || text[end] == '=' || end + 1 == text.size();
}

struct variables {
  static constexpr auto form
    = "names of environment variables, NAME, NAME* or NAME=VALUE, "
      "comma-separated";

  static bool read(const std::string& text, std::vector<std::string>& to) {
    std::vector<std::string> result;
    std::string_view rest = text;
    while (!rest.empty()) {
      auto end = std::min(rest.find(','), rest.size());
      auto entry = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      entry.remove_prefix(std::min(entry.find_first_not_of(' '), entry.size()));
      entry = entry.substr(0, entry.find_last_not_of(' ') + 1);
      if (!is_variable(entry))
        return false;
      result.emplace_back(entry);
    }
    to = std::move(result);
    return true;
  }

  static std::string write(const std::vector<std::string>& x) {
    std::string result;
    for (auto& entry : x)
      result += (result.empty() ? "" : ",") + entry;
    return result;
  }
};

struct log_level : any_text {
  static constexpr auto form
    = "one of trace, debug, info, warn, error, critical, off";

  static bool read(const std::string& text, std::string& to) {
    for (auto x :
         {"trace", "debug", "info", "warn", "error", "critical", "off"})
      if (text == x)
        return any_text::read(text, to);
    return false;
  }
};

/// As duration, or 0.
struct time_limit : duration {
  static constexpr auto form
    = "a duration such as 30s or 10 minutes; 0 for no limit";

  static bool read(const std::string& text, milliseconds& to) {
    auto x = parse_duration(text);
    if (!x)
      return false;
    to = *x;
    return true;
  }
};

struct flag {
  static constexpr auto form = "true or false";

  static bool read(const std::string& text, bool& to) {
    if (text != "true" && text != "false")
      return false;
    to = text == "true";
    return true;
  }

  static std::string write(bool x) {
    return x ? "true" : "false";
  }
};

/// One of the names in Names::all, each with its value.
template <class Names>
struct choice {
  static constexpr auto form = Names::form;

  static bool read(const std::string& text, auto& to) {
    for (auto& [value, name] : Names::all)
      if (text == name) {
        to = value;
        return true;
      }
    return false;
  }

  static std::string write(auto x) {
    for (auto& [value, name] : Names::all)
      if (x == value)
        return name;
    return {};
  }
};

struct flush_names {
  static constexpr auto form = "one of promised, always, never";
  static constexpr std::pair<flush_policy, const char*> all[]
    = {{flush_policy::promised, "promised"},
       {flush_policy::always, "always"},
       {flush_policy::never, "never"}};
};

struct restart_names {
  static constexpr auto form = "one of never, on-failure, always";
  static constexpr std::pair<restart_mode, const char*> all[]
    = {{restart_mode::never, "never"},
       {restart_mode::on_failure, "on-failure"},
       {restart_mode::always, "always"}};
};

struct arrival_names {
  static constexpr auto form = "one of wait, refuse";
  static constexpr std::pair<arrival_mode, const char*> all[]
    = {{arrival_mode::wait, "wait"}, {arrival_mode::refuse, "refuse"}};
};

struct escalation_names {
  static constexpr auto form = "one of process, none";
  static constexpr std::pair<kill_escalation, const char*> all[]
    = {{kill_escalation::process, "process"}, {kill_escalation::none, "none"}};
};

struct shutdown_names {
  static constexpr auto form = "one of stop, detach";
  static constexpr std::pair<shutdown_mode, const char*> all[]
    = {{shutdown_mode::stop, "stop"}, {shutdown_mode::detach, "detach"}};
};

using flush = choice<flush_names>;
using restart = choice<restart_names>;
using arrivals = choice<arrival_names>;
using escalation = choice<escalation_names>;
using at_shutdown = choice<shutdown_names>;

/// `where` finds the member in settings, const or not.
template <class Form, class Where>
constexpr key entry(std::string_view name, Where) {
  return {name, Form::form,
          [](settings& x, const std::string& text) {
            return Form::read(text, Where{}(x));
          },
          [](const settings& x) { return Form::write(Where{}(x)); }};
}

// `x` is settings or const settings.
#define HEARTH_KEY(form, name, member) \
  entry<form>( \
    name, [](auto& x) -> auto& { return x.member; })

const std::vector<key> table = {
  HEARTH_KEY(some_text, "spark.master", spark.master),
  HEARTH_KEY(any_text, "spark.home", spark.home),
  HEARTH_KEY(port, "spark.jobserver.port", http.port),
  HEARTH_KEY(some_text, "spark.jobserver.bind-address", http.address),
  HEARTH_KEY(count, "spark.jobserver.max-jobs-per-context", contexts.max_jobs),
  HEARTH_KEY(duration, "spark.jobserver.context-init-timeout",
             contexts.init_timeout),
  HEARTH_KEY(duration, "spark.jobserver.context-deletion-timeout",
             contexts.deletion_timeout),
  HEARTH_KEY(flag, "spark.jobserver.stop-context-on-job-error",
             contexts.stop_on_job_error),
  HEARTH_KEY(some_text, "hearth.data-dir", data_dir),
  HEARTH_KEY(any_text, "hearth.store.url", store_url),
  HEARTH_KEY(any_text, "hearth.store.password-file", store_password_file),
  HEARTH_KEY(flush, "hearth.store.flush", flush),
  HEARTH_KEY(size, "hearth.http.max-body-size", http.max_body),
  HEARTH_KEY(size, "hearth.http.max-upload-size", http.max_upload),
  HEARTH_KEY(size, "hearth.http.upload-budget", http.upload_budget),
  HEARTH_KEY(size, "hearth.http.max-url-length", http.max_url),
  HEARTH_KEY(size, "hearth.http.max-header-size", http.max_header),
  HEARTH_KEY(count, "hearth.http.max-connections", http.max_connections),
  HEARTH_KEY(limit, "hearth.http.max-client-connections",
             http.max_client_connections),
  HEARTH_KEY(count, "hearth.http.max-requests", http.max_requests),
  HEARTH_KEY(count, "hearth.http.max-waiting", http.max_waiting),
  HEARTH_KEY(size, "hearth.http.min-receive-rate", http.min_receive_rate),
  HEARTH_KEY(any_text, "hearth.http.allowed-origins", http.allowed_origins),
  HEARTH_KEY(any_text, "hearth.http.allowed-hosts", http.allowed_hosts),
  HEARTH_KEY(size, "hearth.http.answer-budget", http.answer_budget),
  HEARTH_KEY(duration, "hearth.http.idle-timeout", http.idle_timeout),
  HEARTH_KEY(duration, "hearth.http.max-sync-wait", http.max_sync_wait),
  HEARTH_KEY(on_off, "hearth.http.stay-awake", http.stay_awake),
  HEARTH_KEY(on_off, "hearth.access.enabled", http.access.enabled),
  HEARTH_KEY(any_text, "hearth.access.users", http.access.users),
  HEARTH_KEY(permission_names, "hearth.access.anonymous",
             http.access.anonymous),
  HEARTH_KEY(duration, "hearth.access.cache-time", http.access.cache_time),
  HEARTH_KEY(some_text, "hearth.agent.address", agent.address),
  HEARTH_KEY(port, "hearth.agent.port", agent.port),
  HEARTH_KEY(duration, "hearth.agent.heartbeat", agent.heartbeat),
  HEARTH_KEY(duration, "hearth.agent.heartbeat-timeout",
             agent.heartbeat_timeout),
  HEARTH_KEY(duration, "hearth.agent.redial-timeout", agent.redial_timeout),
  HEARTH_KEY(duration, "hearth.agent.orphan-timeout", agent.orphan_timeout),
  HEARTH_KEY(any_text, "hearth.spark.agent-dir", spark.agent_dir),
  HEARTH_KEY(on_off, "hearth.spark.class-archive", spark.class_archive),
  HEARTH_KEY(any_text, "hearth.spark.default", spark.default_home),
  HEARTH_KEY(size, "hearth.spark.spare-memory-floor", spark.spare_memory_floor),
  HEARTH_KEY(small_count, "hearth.spark.warm-spares", spark.warm_spares),
  HEARTH_KEY(any_text, "hearth.native.agent", native.agent),
  HEARTH_KEY(any_text, "hearth.python.agent-dir", python.agent_dir),
  HEARTH_KEY(duration, "hearth.contexts.kill-timeout", contexts.kill_timeout),
  HEARTH_KEY(escalation, "hearth.contexts.kill-escalation",
             contexts.escalation),
  HEARTH_KEY(restart, "hearth.contexts.restart", contexts.restart),
  HEARTH_KEY(count, "hearth.contexts.restart-limit", contexts.restart_limit),
  HEARTH_KEY(duration, "hearth.contexts.restart-window",
             contexts.restart_window),
  HEARTH_KEY(duration, "hearth.contexts.restart-backoff",
             contexts.restart_backoff),
  HEARTH_KEY(duration, "hearth.contexts.restart-max-backoff",
             contexts.restart_max_backoff),
  HEARTH_KEY(duration, "hearth.contexts.restart-good-run",
             contexts.restart_good_run),
  HEARTH_KEY(arrivals, "hearth.contexts.jobs-while-restarting",
             contexts.arrivals),
  HEARTH_KEY(duration, "hearth.contexts.restart-wait", contexts.restart_wait),
  HEARTH_KEY(count, "hearth.contexts.restart-queue", contexts.restart_queue),
  HEARTH_KEY(flag, "hearth.contexts.queue", contexts.queue),
  HEARTH_KEY(count, "hearth.contexts.max-queue", contexts.max_queue),
  HEARTH_KEY(time_limit, "hearth.contexts.max-wait", contexts.max_wait),
  HEARTH_KEY(duration, "hearth.contexts.reconcile", contexts.reconcile),
  HEARTH_KEY(time_limit, "hearth.contexts.idle-timeout", contexts.idle_timeout),
  HEARTH_KEY(time_limit, "hearth.contexts.max-lifetime", contexts.max_lifetime),
  HEARTH_KEY(duration, "hearth.recovery-timeout", contexts.recovery_timeout),
  HEARTH_KEY(count, "hearth.callbacks.attempts", callbacks.attempts),
  HEARTH_KEY(duration, "hearth.callbacks.pause", callbacks.pause),
  HEARTH_KEY(duration, "hearth.callbacks.timeout", callbacks.timeout),
  HEARTH_KEY(count, "hearth.callbacks.max-waiting", callbacks.max_waiting),
  HEARTH_KEY(size, "hearth.dependencies.max-size", dependencies.max_size),
  HEARTH_KEY(size, "hearth.dependencies.max-total-size",
             dependencies.max_folder),
  HEARTH_KEY(duration, "hearth.dependencies.timeout", dependencies.timeout),
  HEARTH_KEY(some_text, "hearth.dependencies.maven", dependencies.maven),
  HEARTH_KEY(any_text, "hearth.dependencies.maven-repositories",
             dependencies.maven_repositories),
  HEARTH_KEY(size, "hearth.jobs.max-result-size", max_result),
  HEARTH_KEY(duration, "hearth.jobs.retain", retain.time),
  HEARTH_KEY(large_count, "hearth.jobs.retain-count", retain.count),
  HEARTH_KEY(duration, "hearth.jobs.retain-keys", retain.keys),
  HEARTH_KEY(size, "hearth.jobs.min-free-space", min_free_space),
  HEARTH_KEY(count, "hearth.contexts.max", max_contexts),
  HEARTH_KEY(variables, "hearth.contexts.environment", context_environment),
  HEARTH_KEY(size, "hearth.contexts.max-log-size", max_log),
  HEARTH_KEY(count, "hearth.binaries.max", max_binaries),
  HEARTH_KEY(count, "hearth.data.max-files", max_data_files),
  HEARTH_KEY(log_level, "hearth.log.level", log_level),
  HEARTH_KEY(at_shutdown, "hearth.shutdown", shutdown),
  HEARTH_KEY(duration, "hearth.shutdown-timeout", shutdown_timeout),
};

#undef HEARTH_KEY

// Keys and groups of Spark Job Server's configuration.
constexpr std::string_view foreign[] = {
  "access-control",
  "akka",
  "deploy",
  "flyway",
  "kamon",
  "shiro",
  "spray",
  "spark.driver",
  "spark.submit",
  "spark.webUrlPort",
  "spark.jobserver.akka",
  "spark.jobserver.ask-timeout",
  "spark.jobserver.binarydao",
  "spark.jobserver.cassandra",
  "spark.jobserver.combineddao",
  "spark.jobserver.completed-context-cleanup",
  "spark.jobserver.context-creation-timeout",
  "spark.jobserver.context-lookup-timeout",
  "spark.jobserver.context-per-jvm",
  "spark.jobserver.dao-timeout",
  "spark.jobserver.datadao",
  "spark.jobserver.driver-mode",
  "spark.jobserver.filedao",
  "spark.jobserver.forked-jvm-init-timeout",
  "spark.jobserver.ha",
  "spark.jobserver.hdfsdao",
  "spark.jobserver.ignore-akka-hostname",
  "spark.jobserver.initialization-timeout",
  "spark.jobserver.jar-store-rootdir",
  "spark.jobserver.job-bin-paths",
  "spark.jobserver.job-jar-paths",
  "spark.jobserver.job-result-cache-size",
  "spark.jobserver.jobdao",
  "spark.jobserver.kill-context-on-supervisor-down",
  "spark.jobserver.manager-initialization-timeout",
  "spark.jobserver.masteraddress",
  "spark.jobserver.metadatadao",
  "spark.jobserver.named-object-creation-timeout",
  "spark.jobserver.network-address-resolver",
  "spark.jobserver.python",
  "spark.jobserver.result-chunk-size",
  "spark.jobserver.short-timeout",
  "spark.jobserver.sqldao",
  "spark.jobserver.startH2Server",
  "spark.jobserver.yarn-context-creation-timeout",
  "spark.jobserver.zookeeperdao",
};

/// How many letters to change, to add or to take away.
std::size_t distance(std::string_view x, std::string_view y) {
  std::vector<std::size_t> row(y.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < x.size(); ++i) {
    auto diagonal = row[0]++;
    for (std::size_t j = 0; j < y.size(); ++j) {
      auto changed = diagonal + (x[i] == y[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string_view last_piece(std::string_view x) {
  return x.substr(x.rfind('.') + 1);
}

} // namespace

const std::vector<key>& keys() {
  return table;
}

const key* find_key(std::string_view name) {
  auto i = std::find_if(table.begin(), table.end(),
                        [&](auto& x) { return x.name == name; });
  return i == table.end() ? nullptr : &*i;
}

std::string_view foreign_key(std::string_view name) {
  for (auto x : foreign)
    if (name == x || (name.starts_with(x) && name[x.size()] == '.'))
      return x;
  return {};
}

std::string_view similar_key(std::string_view name) {
  if (name.size() > 200)
    return {};
  std::string_view best;
  auto best_distance = std::numeric_limits<std::size_t>::max();
  for (auto& x : table) {
    auto d = distance(name, x.name);
    // The right key in the wrong group is as good as a few wrong letters.
    if (last_piece(name) == last_piece(x.name))
      d = std::min(d, x.name.size() / 4);
    if (d <= x.name.size() / 4 && d < best_distance) {
      best = x.name;
      best_distance = d;
    }
  }
  return best;
}

} // namespace hearth::conf
