#include "http/routes/job_query.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "actors/api/request_digest.hpp"
#include "base/loop_watch.hpp"
#include "conf/context_keys.hpp"
#include "http/core/json.hpp"
#include "http/routes/context_settings.hpp"

namespace hearth::http {

namespace {

/// What `POST /jobs` takes for itself; all else is a setting.
constexpr std::array<std::string_view, 11> own_parameters{
  "appName", "classPath",   "cp",    "mainClass", "context", "sync",
  "timeout", "callbackUrl", "queue", "priority",  "max-wait"};

/// A parameter of the query, or of the body where the query has none.
std::optional<setting> parameter(const request& in, const std::string& config,
                                 const char* key) {
  if (const auto* value = in.query.find(key))
    return setting{*value};
  return config.size() > 2 ? json::member(config, key) : std::nullopt;
}

/// Reads a list of binaries and URIs.
std::vector<std::string> list(const request& in, const std::string& config,
                              const char* key) {
  auto found = list_of(parameter(in, config, key).value_or(setting{}));
  if (!found)
    throw bad_request(std::string{"Cannot parse config: "} + key
                      + " must be a list of texts, or one text with commas");
  return std::move(*found);
}

/// Reads a text; "" if there is none.
std::string text(const request& in, const std::string& config,
                 const char* key) {
  auto found = parameter(in, config, key).value_or(setting{});
  if (found.is_json)
    throw bad_request(std::string{"Cannot parse config: "} + key
                      + " must be a text");
  return std::move(found.text);
}

std::string required(const request& in, const std::string& config,
                     const char* key) {
  auto found = text(in, config, key);
  if (found.empty())
    throw bad_request(std::string{"Cannot parse config: "} + key
                      + " parameter is missing!");
  return found;
}

constexpr std::size_t most_binaries = 1000;
constexpr std::size_t longest_name = 4096; ///< of a class, or of a binary

/// Names are shown in every list of jobs.
void check_name(const std::string& name, const char* what) {
  auto is_control
    = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (name.size() > longest_name
      || std::any_of(name.begin(), name.end(), is_control))
    throw bad_request(std::string{"Cannot parse config: "} + what
                      + " must have at most 4096 bytes, and no control "
                        "characters");
}

void find_class_path(const request& in, job_request& job) {
  // Its name in the query goes before any `cp`, which may be a key of the job's
  // own configuration.
  if (in.query.get("appName").empty())
    job.binaries = list(in, job.config, "cp");
  if (!job.binaries.empty()) {
    job.main_class = required(in, job.config, "mainClass");
    return;
  }
  // One name, whatever signs it has.
  auto name = text(in, job.config, "appName");
  if (name.empty())
    throw bad_request("Cannot parse config: To start the job appName or cp "
                      "parameters should be configured!");
  job.binaries = {std::move(name)};
  job.by_app_name = true;
  job.main_class = required(in, job.config, "classPath");
}

/// Adds the jars that a job needs beside its own, as its body says. In the
/// query they are a setting of the context that the job makes; if it makes
/// none, they are the job's, too. As in Spark Job Server, their classes go
/// before those of the binary that `appName` names, and after those of `cp`.
void add_dependencies(job_request& job) {
  constexpr auto key = "dependent-jar-uris";
  std::optional<setting> wanted;
  if (!job.context.empty())
    if (auto given = job.settings.extract(key))
      wanted = std::move(given.mapped());
  // Most jobs have none, and are not parsed for it.
  if (!wanted && json::may_have_member(job.config.text(), key))
    wanted = json::member(job.config, key);
  auto jars = list_of(wanted.value_or(setting{}));
  if (!jars)
    throw bad_request(std::string{"Cannot parse config: "} + key
                      + " must be a list of texts, or one text with commas");
  auto last = job.by_app_name ? job.binaries.size() : 0;
  for (auto& jar : *jars)
    if (std::find(job.binaries.begin(), job.binaries.end(), jar)
        == job.binaries.end())
      job.binaries.push_back(std::move(jar));
  std::rotate(job.binaries.begin(),
              job.binaries.begin() + static_cast<std::ptrdiff_t>(last),
              job.binaries.end());
}

/// Fills in which class of which binaries is meant.
void read_class_path(const request& in, job_request& job) {
  find_class_path(in, job);
  add_dependencies(job);
  if (job.binaries.size() > most_binaries)
    throw bad_request("Cannot parse config: a job may use at most 1000 "
                      "binaries");
  for (const auto& name : job.binaries)
    check_name(name, "the name of a binary");
  check_name(job.main_class, "the name of the main class");
}

/// "" if none was given.
std::string read_callback(const parameters& query) {
  const auto* url = query.find("callbackUrl");
  if (!url)
    return {};
  auto begin = url->find("://");
  auto scheme = url->substr(0, begin);
  if (begin == std::string::npos || (scheme != "http" && scheme != "https"))
    throw bad_request("Callback Url has to be 'http'/'https'");
  auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  if (url->size() == begin + 3 || (*url)[begin + 3] == '/'
      || std::any_of(url->begin(), url->end(), is_space))
    throw bad_request("Callback Url '" + *url
                      + "' is not one: http://host[:port]/path is right");
  return *url;
}

/// Whether and how it waits for a slot.
void read_queue(const parameters& query, job_request& job) {
  if (query.find("queue"))
    job.queue = query.flag("queue", false) ? queueing::yes : queueing::no;
  job.priority = query.number("priority", 0);
  if (job.priority < -1000 || job.priority > 1000)
    throw bad_request(
      "The query parameter 'priority' must be between -1000 and 1000");
  auto seconds = query.number("max-wait", -1);
  if (query.find("max-wait") && seconds < 0)
    throw bad_request("The query parameter 'max-wait' must not be negative");
  job.max_wait_ms = seconds < 0 ? -1 : std::int64_t{seconds} * 1000;
}

/// How long its client waits for its end at most.
std::int64_t read_timeout(const parameters& query, milliseconds longest) {
  auto seconds = query.number("timeout", 10);
  if (seconds < 0)
    throw bad_request("The query parameter 'timeout' must not be negative");
  return std::min<std::int64_t>(std::int64_t{seconds} * 1000, longest.count());
}

bool is_own(const std::string& parameter) {
  return std::find(own_parameters.begin(), own_parameters.end(), parameter)
         != own_parameters.end();
}

} // namespace

job_request read_job_query(const route_env& e, const request& in) {
  job_request job;
  job.callback_url = read_callback(in.query);
  job.context = in.query.get("context");
  job.sync = in.query.flag("sync", false);
  job.timeout_ms = read_timeout(in.query, e.settings.max_sync_wait);
  job.user = in.query.get("spark.proxy.user");
  job.key = own_key(e, in);
  read_queue(in.query, job);
  for (const auto& [key, value] : in.query)
    if (!is_own(key) && (job.context.empty() || conf::is_context_setting(key)))
      job.settings[key] = value;
  return job;
}

void read_job_body(const route_env& e, const request& in, job_request& job) {
  job.config = e.parse.to_json(in.body);
  add_job_block(e, in, job);
  read_class_path(in, job);
  if (!job.key.empty() && job.config.size() >= large_text)
    job.digest = digest_of(job);
}

} // namespace hearth::http
