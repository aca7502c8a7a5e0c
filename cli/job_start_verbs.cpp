#include <algorithm>

#include <fmt/format.h>

#include "cli/invocation.hpp"
#include "cli/job_config.hpp"
#include "cli/job_wait.hpp"
#include "cli/json.hpp"
#include "cli/verbs.hpp"

namespace hearth::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using clock = progress::clock;

/// How long a single request waits for a job. Proxies drop requests that wait
/// for long.
constexpr seconds first_wait{30};

/// Beyond it: an ad-hoc context may have to start first.
constexpr seconds start_margin{600};

request job_request(const invocation& in) {
  request result;
  result.method = "POST";
  result.path = {"jobs"};
  result.limit = start_margin;
  auto binary = in.parameter(0);
  auto main_class = in.parameter(1);
  if (!binary.empty() && main_class.empty())
    throw usage_error{"CLASS is missing"};
  if (!binary.empty())
    result.query = {{"cp", binary}, {"mainClass", main_class}};
  if (in.has("context"))
    result.query.emplace_back("context", in.text("context"));
  if (in.has("queue"))
    result.query.emplace_back("queue", "true");
  for (const char* name : {"priority", "max-wait"})
    if (in.has(name))
      result.query.emplace_back(name, in.text(name));
  result.idempotency_key = in.text("idempotency-key");
  for (const auto& x : in.texts("param"))
    result.query.push_back(key_value(x, "param"));
  result.body = with_settings(read_config(in.text("config")), in.texts("set"));
  return result;
}

std::string job_id(const answer& x) {
  auto body = json::value::parse(x.body);
  return body ? (*body)["jobId"].text() : std::string{};
}

/// Prints how to go on waiting for a job that takes longer than the command
/// waited.
exit_code not_done(session& s, const std::string& id, const answer& last) {
  if (s.json)
    s.print(last);
  s.err << fmt::format("hearth: job {0} is not done in time and runs on; "
                       "'hearth job wait {0}' goes on waiting\n",
                       id);
  return exit_code::timed_out;
}

exit_code submit(session& s, const invocation& in) {
  auto started = s.ask(job_request(in), "starting the job");
  s.print(started, job_id(started));
  return exit_code::ok;
}

exit_code wait_and_finish(session& s, const std::string& id,
                          std::optional<milliseconds> limit, bool watch) {
  auto done = wait_for_job(s, id, limit, watch);
  return done.ended ? finish(s, id, done.report) : not_done(s, id, done.report);
}

/// Starts the job in one request, then waits with others.
exit_code run_watched(session& s, const invocation& in,
                      std::optional<milliseconds> limit) {
  auto started = s.ask(job_request(in), "starting the job");
  auto id = job_id(started);
  s.err << "job " << id << std::endl;
  return wait_and_finish(s, id, limit, true);
}

exit_code run(session& s, const invocation& in) {
  std::optional<milliseconds> limit;
  if (in.has("timeout"))
    limit = seconds{in.number("timeout", 0)};
  if (in.has("watch"))
    return run_watched(s, in, limit);
  auto start = clock::now();
  auto wait = limit ? std::min<milliseconds>(*limit, first_wait) : first_wait;
  auto ask = job_request(in);
  ask.query.emplace_back("sync", "true");
  ask.query.emplace_back("timeout", std::to_string(wait.count() / 1000));
  ask.limit += first_wait;
  auto done = s.ask_any(ask, "running the job");
  auto id = job_id(done);
  constexpr int accepted = 202;
  // The only error that has a job's id is a wait that was too short.
  auto goes_on = done.status == accepted || (!done.good() && !id.empty());
  if (!goes_on && !done.good())
    throw refused{std::move(done)};
  if (!goes_on)
    return finish(s, id, done);
  if (!limit)
    return wait_and_finish(s, id, limit, false);
  auto left
    = *limit - std::chrono::duration_cast<milliseconds>(clock::now() - start);
  return left > milliseconds{0} ? wait_and_finish(s, id, left, false)
                                : not_done(s, id, done);
}

std::vector<option> start_options() {
  return {
    {.name = "context",
     .letter = 'x',
     .value = "NAME",
     .help = "the context to run in; else one is made for this job",
     .what = kind::context},
    {.name = "config",
     .letter = 'c',
     .value = "FILE",
     .help = "the job's configuration, HOCON or JSON; - reads stdin",
     .what = kind::file},
    {.name = "set",
     .value = "KEY=VALUE",
     .help = "a key of the configuration; wins over the file; may be repeated",
     .repeated = true},
    {.name = "queue",
     .help = "wait for a slot if all of the context are taken"},
    {.name = "priority",
     .value = "N",
     .help = "in that queue, -1000 to 1000; higher goes first (0)"},
    {.name = "max-wait",
     .value = "SECONDS",
     .help = "how long to wait in that queue; else as the context says",
     .what = kind::number},
    {.name = "idempotency-key",
     .value = "KEY",
     .help = "take the job that was started with this key, if there is one"},
    {.name = "param",
     .value = "KEY=VALUE",
     .help = "a further parameter of POST /jobs; may be repeated",
     .repeated = true}};
}

const std::vector<parameter>& start_parameters() {
  static const std::vector<parameter> all{{"BINARY", kind::binary, true},
                                          {"CLASS", kind::text, true}};
  return all;
}

constexpr std::string_view start_text
  = "BINARY is the name of a binary, a URI, or several with commas between; "
    "CLASS is the job's main class. Leave both out if the configuration "
    "holds cp and mainClass. A value of --set that is JSON (a number, true, "
    "[1,2], \"5\") stays what it is, any other is a string.";

} // namespace

std::vector<verb> job_start_verbs() {
  auto run_options = start_options();
  run_options.push_back(
    {.name = "timeout",
     .value = "SECONDS",
     .help = "how long to wait, else until it ends; then the job goes on",
     .what = kind::number});
  run_options.push_back(
    {.name = "watch",
     .letter = 'w',
     .help = "show its id, then its progress, or its state and time"});
  return {
    {.noun = "job",
     .name = "run",
     .summary = "run a job, wait for it and print its result",
     .text = start_text,
     .parameters = start_parameters(),
     .options = run_options,
     .examples = {{"hearth job run examples spark.jobserver.WordCountExample "
                   "--context sales --set 'input.string=a b a'",
                   ""},
                  {"hearth job run examples spark.jobserver.LongPiJob "
                   "--config pi.conf --watch",
                   "in a context of its own"},
                  {"echo 'input.string = \"a b\"' | hearth job run examples "
                   "spark.jobserver.WordCountExample --config -",
                   "with a configuration from a pipe"}},
     .run = run},
    {.noun = "job",
     .name = "submit",
     .summary = "start a job and print its id",
     .text = start_text,
     .parameters = start_parameters(),
     .options = start_options(),
     .examples = {{"id=$(hearth job submit examples "
                   "spark.jobserver.LongPiJob --context sales)",
                   ""},
                  {"hearth job submit examples spark.jobserver.LongPiJob "
                   "--context sales --queue --priority 5",
                   "where all slots may be taken"}},
     .run = submit},
  };
}

} // namespace hearth::cli
