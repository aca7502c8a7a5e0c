#include <fmt/format.h>

#include "cli/history.hpp"
#include "cli/invocation.hpp"
#include "cli/job_wait.hpp"
#include "cli/json.hpp"
#include "cli/logs.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace hearth::cli {

namespace {

request job_request(std::string method, const invocation& in) {
  request result;
  result.method = std::move(method);
  result.path = {"jobs", in.parameter(0)};
  return result;
}

/// Shows a report without the job's result.
void print_report(session& s, const answer& report) {
  auto x = json::value::parse(report.body);
  if (s.json || !x)
    return s.print(report);
  auto error = (*x)["result"];
  auto failed
    = is_final((*x)["status"].text()) && (*x)["status"].text() != "FINISHED";
  print_fields(s.out, {{"Job", (*x)["jobId"].text()},
                       {"State", (*x)["status"].text()},
                       {"Class", (*x)["classPath"].text()},
                       {"Context", (*x)["context"].text()},
                       {"Started", (*x)["startTime"].text()},
                       {"Duration", (*x)["duration"].text()},
                       {"Place in queue", (*x)["queued"].text()},
                       {"Error", failed ? error["message"].text() : ""}});
  if (failed && s.verbose)
    s.out << error["stack"].text() << '\n';
}

exit_code status(session& s, const invocation& in) {
  print_report(s, s.ask(job_request("GET", in), "asking for the job"));
  return exit_code::ok;
}

exit_code wait(session& s, const invocation& in) {
  std::optional<std::chrono::milliseconds> limit;
  if (in.has("timeout"))
    limit = std::chrono::seconds{in.number("timeout", 0)};
  auto done = wait_for_job(s, in.parameter(0), limit, in.has("watch"));
  print_report(s, done.report);
  if (!done.ended)
    return exit_code::timed_out;
  auto x = json::value::parse(done.report.body);
  return (*x)["status"].text() == "FINISHED" ? exit_code::ok
                                             : exit_code::job_failed;
}

exit_code result(session& s, const invocation& in) {
  auto report = s.ask(job_request("GET", in), "asking for the result");
  auto x = json::value::parse(report.body);
  auto state = x ? (*x)["status"].text() : std::string{};
  if (is_final(state))
    return finish(s, in.parameter(0), report);
  if (s.json)
    s.print(report);
  s.err << fmt::format("hearth: job {} is {} and has no result yet\n",
                       in.parameter(0), state);
  return exit_code::timed_out;
}

exit_code config(session& s, const invocation& in) {
  auto ask = job_request("GET", in);
  ask.path.emplace_back("config");
  s.print(s.ask(ask, "asking for the configuration"));
  return exit_code::ok;
}

exit_code kill(session& s, const invocation& in) {
  auto done = s.ask(job_request("DELETE", in), "killing the job");
  auto x = json::value::parse(done.body);
  if (s.json)
    s.print(done);
  // If the job had failed before, its error is printed.
  if (x && (*x)["ERROR"].is_object()) {
    s.complain(done, fmt::format("job {} had failed: ", in.parameter(0)));
    return exit_code::job_failed;
  }
  if (!s.json)
    s.out << fmt::format("job {} {}\n", in.parameter(0),
                         x ? (*x)["status"].text() : "");
  return exit_code::ok;
}

exit_code logs(session& s, const invocation& in) {
  return print_logs(s, {"jobs", in.parameter(0), "logs"}, in.has("follow"));
}

exit_code history(session& s, const invocation& in) {
  return print_history(s, {"jobs", in.parameter(0), "history"});
}

exit_code list(session& s, const invocation& in) {
  request ask;
  ask.path = {"jobs"};
  for (const char* name : {"limit", "status"})
    if (in.has(name))
      ask.query.emplace_back(name, in.text(name));
  auto found = s.ask(ask, "asking for the jobs");
  auto all = json::value::parse(found.body);
  if (s.json || !all) {
    s.print(found);
    return exit_code::ok;
  }
  table rows{{"JOB", "STATE", "CONTEXT", "CLASS", "STARTED", "DURATION"}};
  for (const auto& x : all->items()) {
    if (in.has("quiet"))
      s.out << x["jobId"].text() << '\n';
    else
      rows.add({x["jobId"].text(), x["status"].text(), x["context"].text(),
                x["classPath"].text(), x["startTime"].text(),
                x["duration"].text()});
  }
  if (!in.has("quiet"))
    rows.print(s.out);
  return exit_code::ok;
}

} // namespace

std::vector<verb> job_verbs() {
  const parameter id{"ID", kind::job};
  return {
    {.noun = "job",
     .name = "wait",
     .summary = "wait until a job has ended",
     .text = "Ends with 4 if the job failed or was killed, with 5 if the time "
             "was over first.",
     .parameters = {id},
     .options = {{.name = "timeout",
                  .value = "SECONDS",
                  .help = "how long to wait; else until it ends",
                  .what = kind::number},
                 {.name = "watch",
                  .letter = 'w',
                  .help = "show changes even if the output is no terminal"}},
     .examples = {{"hearth job wait $id --timeout 60", ""}},
     .run = wait},
    {.noun = "job",
     .name = "status",
     .summary = "show a job",
     .text = "",
     .parameters = {id},
     .options = {},
     .examples = {{"hearth job status $id", ""}},
     .run = status},
    {.noun = "job",
     .name = "logs",
     .summary = "show what a job has logged",
     .text = "",
     .parameters = {id},
     .options = {follow_option()},
     .examples = {{"hearth job logs $id --follow", ""}},
     .run = logs},
    {.noun = "job",
     .name = "history",
     .summary = "show what became of a job, and when",
     .text = "",
     .parameters = {id},
     .options = {},
     .examples = {{"hearth job history $id", ""}},
     .run = history},
    {.noun = "job",
     .name = "result",
     .summary = "print the result of a job",
     .text = "A text is printed as it is, anything else as JSON. Ends with 4 "
             "if the job failed, with 5 if it still runs.",
     .parameters = {id},
     .options = {},
     .examples = {{"hearth job result $id", ""}},
     .run = result},
    {.noun = "job",
     .name = "config",
     .summary = "print the configuration that a job was given",
     .text = "",
     .parameters = {id},
     .options = {},
     .examples = {{"hearth job config $id", ""}},
     .run = config},
    {.noun = "job",
     .name = "kill",
     .summary = "end a job",
     .text = "",
     .parameters = {id},
     .options = {},
     .examples = {{"hearth job kill $id", ""}},
     .run = kill},
    {.noun = "job",
     .name = "list",
     .summary = "list jobs, newest first",
     .text = "",
     .parameters = {},
     .options = {{.name = "limit",
                  .letter = 'n',
                  .value = "N",
                  .help = "at most so many (the server's default: 50)",
                  .what = kind::number},
                 {.name = "status",
                  .value = "STATE",
                  .help = "only those in this state",
                  .what = kind::word,
                  .words = "started running finished error killed restarting"},
                 {.name = "quiet", .letter = 'q', .help = "only the ids"}},
     .examples = {{"hearth job list --status running", ""},
                  {"hearth job list -q -n 1", "the newest one"}},
     .run = list},
  };
}

} // namespace hearth::cli
