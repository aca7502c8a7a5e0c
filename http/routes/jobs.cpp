#include <algorithm>
#include <array>
#include <optional>

#include "actors/api/context_directory.hpp"
#include "actors/api/messages.hpp"
#include "actors/api/request_digest.hpp"
#include "http/core/json.hpp"
#include "http/routes/ask.hpp"
#include "http/routes/result_source.hpp"
#include "http/routes/table.hpp"

namespace hearth::http {

namespace {

/// The parameters that `POST /jobs` itself takes; all others are settings.
constexpr std::array<std::string_view, 11> own_parameters{
  "appName", "classPath",   "cp",    "mainClass", "context", "sync",
  "timeout", "callbackUrl", "queue", "priority",  "max-wait"};

/// A list is made in memory.
constexpr int most_listed = 10'000;

/// Splits at commas, leaves out blanks.
void split_list(std::string_view text, std::vector<std::string>& result) {
  while (!text.empty()) {
    auto n = std::min(text.find(','), text.size());
    auto item = text.substr(0, n);
    text.remove_prefix(std::min(n + 1, text.size()));
    item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (!item.empty())
      result.emplace_back(item);
  }
}

/// A parameter of the query, or of the body where the query has none.
std::vector<std::string> texts(const request& in, const std::string& config,
                               const char* key) {
  std::vector<std::string> result;
  if (const auto* value = in.query.find(key))
    split_list(*value, result);
  else if (config.size() > 2)
    for (const auto& x : json::top_level_texts(config, key))
      split_list(x, result);
  return result;
}

std::string required(const request& in, const std::string& config,
                     const char* key) {
  auto found = texts(in, config, key);
  if (found.empty())
    throw bad_request(std::string{"Cannot parse config: "} + key
                      + " parameter is missing!");
  return found.front();
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
  job.binaries = texts(in, job.config, "cp");
  if (!job.binaries.empty()) {
    job.main_class = required(in, job.config, "mainClass");
    return;
  }
  job.binaries = texts(in, job.config, "appName");
  if (job.binaries.empty())
    throw bad_request("Cannot parse config: To start the job appName or cp "
                      "parameters should be configured!");
  job.by_app_name = true;
  job.main_class = required(in, job.config, "classPath");
}

/// Fills in the class and the binaries of the job.
void read_class_path(const request& in, job_request& job) {
  find_class_path(in, job);
  if (job.binaries.size() > most_binaries)
    throw bad_request("Cannot parse config: a job may use at most 1000 "
                      "binaries");
  for (const auto& x : job.binaries)
    check_name(x, "the name of a binary");
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

/// Reads everything that the query says. Throws before any body is read.
job_request read_query(const route_env& e, const request& in) {
  job_request job;
  job.callback_url = read_callback(in.query);
  job.context = in.query.get("context");
  job.sync = in.query.flag("sync", false);
  auto seconds = in.query.number("timeout", 10);
  if (seconds < 0)
    throw bad_request("The query parameter 'timeout' must not be negative");
  job.timeout_ms = std::min<std::int64_t>(std::int64_t{seconds} * 1000,
                                          e.settings.max_sync_wait.count());
  job.user = in.query.get("spark.proxy.user");
  job.key = own_key(e, in);
  read_queue(in.query, job);
  for (const auto& [key, value] : in.query)
    if (std::find(own_parameters.begin(), own_parameters.end(), key)
        == own_parameters.end())
      job.settings[key] = value;
  return job;
}

/// A context that is there already has no start to wait for.
milliseconds deadline_of(const route_env& e, const job_request& job) {
  if (!job.sync || job.context.empty())
    return e.longest();
  return milliseconds{job.timeout_ms} + e.wait.margin;
}

/// The context to ask, or nothing: the supervisor.
std::optional<context_directory::entry> context_of(const route_env& e,
                                                   const job_request& job) {
  // The supervisor handles jobs with a key, and jobs that need a context of
  // their own.
  if (!e.actors.open || !job.key.empty() || job.context.empty())
    return std::nullopt;
  return e.actors.open->find(job.context);
}

/// How many jobs run in a context that has no slot for this one; 0: it may
/// have. The body is not looked at: a flood must cost next to nothing.
std::size_t refusal_of(const context_directory::entry& context,
                       const job_request& job) {
  return job.queue == queueing::yes ? 0 : context.slots->running_if_full();
}

/// Renders a report, from its file where the result is a large one.
auto report_of(const route_env& e) {
  return [streams = result_streams{e}](const job_record& job) {
    return job.result_size > 0 ? streams.report(job)
                               : with_json(json::job_details(job));
  };
}

response render_job(const result_streams& streams, bool sync,
                    const job_record& job) {
  if (sync && job.result_size > 0)
    return streams.answer(job);
  if (sync && is_final(job.state))
    return with_json(json::job_answer(job));
  return with_json(json::job_report(job), 202);
}

/// @returns false if there is no such state
bool read_state(std::string name, job_filter& filter) {
  for (char& c : name)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  for (auto x : {job_state::started, job_state::running, job_state::restarting,
                 job_state::finished, job_state::error, job_state::killed}) {
    if (name == to_string(x)) {
      filter.by_state = true;
      filter.state = x;
      return true;
    }
  }
  return false;
}

} // namespace

namespace {

/// Answers when the job is over, or with its present state after that time.
void await_job(const route_env& e, const exchange_ptr& x, milliseconds time) {
  time = std::min(time, e.settings.max_sync_wait);
  ask<job_record>(
    e, x,
    [id = checked_name(x->in.path[1]), supervisor = e.actors.supervisor, time,
     margin = e.wait.margin](auto* self) {
      return self->request(supervisor, time + margin, atom::await_v, id,
                           static_cast<std::int64_t>(time.count()));
    },
    report_of(e));
}

} // namespace

namespace {

/// A requested job, and the context to ask to run it.
struct asked_job {
  job_request job;
  /// Nothing: the supervisor.
  std::optional<context_directory::entry> context;
};

void read_body(const route_env& e, const request& in, job_request& job) {
  job.config = e.parse.to_json(in.body);
  read_class_path(in, job);
  if (!job.key.empty() && job.config.size() >= large_text)
    job.digest = digest_of(job);
}

/// Has the job run and answers as its client wants it.
void run_job(const route_env& e, const exchange_ptr& x,
             std::shared_ptr<asked_job> asked) {
  auto sync = asked->job.sync;
  auto context = asked->context ? asked->job.context : std::string{};
  auto wait = deadline_of(e, asked->job);
  ask<job_record>(
    e, x,
    [asked = std::move(asked), supervisor = e.actors.supervisor,
     wait](auto* self) {
      auto& [job, context] = *asked;
      return context
               ? self->request(context->actor, wait, atom::run_v,
                               std::move(job))
               : self->request(supervisor, wait, atom::run_v, std::move(job));
    },
    [streams = result_streams{e}, sync](const job_record& job) {
      return render_job(streams, sync, job);
    },
    [context = std::move(context)](const caf::error& err) {
      return failure(context.empty() ? err : error_of_context(err, context));
    });
}

} // namespace

void post_job(const route_env& e, const exchange_ptr& x) {
  // Shared: it is large, and moves from hand to hand.
  auto asked = std::make_shared<asked_job>();
  auto& job = asked->job;
  job = read_query(e, x->in);
  asked->context = context_of(e, job);
  if (auto running = asked->context ? refusal_of(*asked->context, job) : 0)
    return x->answer(
      failure(ec::no_slots, {no_slot_text(job.context, running), {}, {}, {}}));
  if (x->in.body.size() < large_text) {
    read_body(e, x->in, job);
    return run_job(e, x, std::move(asked));
  }
  run_large(e.helpers, x, "parse a body", [e, x, asked] {
    read_body(e, x->in, asked->job);
    run_job(e, x, asked);
  });
}

namespace {

/// @param place held until the answer is there
void read_list(const route_env& e, const exchange_ptr& x,
               const job_filter& filter, turnstile::pass place) {
  ask<std::vector<job_record>>(
    e, x,
    [filter, store = e.actors.store, wait = e.wait.lookup](auto* self) {
      return self->request(store, wait, atom::list_v, filter);
    },
    [place = std::move(place)](const std::vector<job_record>& xs) {
      return with_json(json::job_list(xs));
    });
}

} // namespace

void list_jobs(const route_env& e, const exchange_ptr& x) {
  job_filter filter;
  filter.limit = x->in.query.number("limit", filter.limit);
  const auto* status = x->in.query.find("status");
  // As SJS does: no job has a state that does not exist.
  if (filter.limit == 0 || (status && !read_state(*status, filter)))
    return x->answer(with_json("[]"));
  // As in SJS, a negative limit asks for all jobs.
  if (filter.limit < 0 || filter.limit > most_listed)
    filter.limit = most_listed;
  if (static_cast<std::size_t>(filter.limit) < large_list)
    return read_list(e, x, filter, nullptr);
  e.long_lists->enter(x, [e, x, filter](turnstile::pass place) {
    read_list(e, x, filter, std::move(place));
  });
}

void get_job(const route_env& e, const exchange_ptr& x) {
  auto seconds = x->in.query.number("wait", 0);
  if (seconds < 0)
    throw bad_request("The query parameter 'wait' must not be negative");
  if (seconds > 0)
    return await_job(e, x, std::chrono::seconds{seconds});
  ask<job_record>(
    e, x,
    [id = checked_name(x->in.path[1]), store = e.actors.store,
     wait = e.wait.lookup](auto* self) {
      return self->request(store, wait, atom::get_v, atom::by_id_v, id);
    },
    report_of(e));
}

void get_job_history(const route_env& e, const exchange_ptr& x) {
  ask<state_history>(
    e, x,
    [id = checked_name(x->in.path[1]), store = e.actors.store,
     wait = e.wait.lookup](auto* self) {
      return self->request(store, wait, atom::history_v, atom::by_id_v, id);
    },
    [](const state_history& all) { return with_json(json::history(all)); });
}

void get_job_config(const route_env& e, const exchange_ptr& x) {
  ask<std::string>(
    e, x,
    [id = checked_name(x->in.path[1]), store = e.actors.store,
     wait = e.wait.lookup](auto* self) {
      return self->request(store, wait, atom::config_v, id);
    },
    [](const std::string& config) { return with_json(config); });
}

void delete_job(const route_env& e, const exchange_ptr& x) {
  ask<job_record>(
    e, x,
    [id = checked_name(x->in.path[1]), force = x->in.query.flag("force", false),
     supervisor = e.actors.supervisor, wait = e.longest()](auto* self) {
      return self->request(supervisor, wait, atom::kill_v, id, force);
    },
    [](const job_record& job) { return with_json(json::job_killed(job)); });
}

} // namespace hearth::http
