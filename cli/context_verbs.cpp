#include <thread>

#include <fmt/format.h>

#include "cli/history.hpp"
#include "cli/invocation.hpp"
#include "cli/job_config.hpp"
#include "cli/json.hpp"
#include "cli/logs.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace hearth::cli {

namespace {

using std::chrono::seconds;

/// Contexts take as long to start and stop as the server lets them.
constexpr seconds longest{3600};

request context_request(std::string method, const invocation& in) {
  request result;
  result.method = std::move(method);
  result.path = {"contexts", in.parameter(0)};
  return result;
}

/// The text for people in a good answer.
std::string said(const answer& x) {
  return json::shown_member(x.body, "result");
}

exit_code create(session& s, const invocation& in) {
  auto ask = context_request("POST", in);
  ask.limit = longest;
  constexpr std::pair<const char*, const char*> settings[]{
    {"cores", "num-cpu-cores"},
    {"memory", "memory-per-node"},
    {"factory", "context-factory"}};
  for (const auto& [option, setting] : settings)
    if (in.has(option))
      ask.query.emplace_back(setting, in.text(option));
  for (const auto& x : in.texts("set"))
    ask.query.push_back(key_value(x, "set"));
  ask.body = read_config(in.text("config"));
  auto done = s.ask(ask, "starting context " + in.parameter(0));
  s.print(done, said(done));
  return exit_code::ok;
}

exit_code list(session& s, const invocation& in) {
  request ask;
  ask.path = {"contexts"};
  auto found = s.ask(ask, "asking for the contexts");
  if (s.json) {
    s.print(found);
    return exit_code::ok;
  }
  auto names = json::value::parse(found.body);
  table rows{{"NAME", "STATE", "STARTED", "APPLICATION"}};
  for (const auto& name : names ? names->items() : std::vector<json::value>{}) {
    if (in.has("quiet")) {
      s.out << name.text() << '\n';
      continue;
    }
    ask.path = {"contexts", name.text()};
    auto info = s.ask_any(ask, "asking for context " + name.text());
    // One that ended since it was listed is no context any more.
    auto x = json::value::parse(info.body);
    if (info.good() && x)
      rows.add({name.text(), (*x)["state"].text(), (*x)["startTime"].text(),
                (*x)["applicationId"].text()});
  }
  if (!in.has("quiet"))
    rows.print(s.out);
  return exit_code::ok;
}

exit_code show(session& s, const invocation& in) {
  auto found
    = s.ask(context_request("GET", in), "asking for " + in.parameter(0));
  auto x = json::value::parse(found.body);
  if (s.json || !x) {
    s.print(found);
    return exit_code::ok;
  }
  auto error = (*x)["error"];
  auto ended = (*x)["endTime"].text();
  print_fields(s.out, {{"Name", (*x)["name"].text()},
                       {"State", (*x)["state"].text()},
                       {"Started", (*x)["startTime"].text()},
                       {"Ended", ended == "Empty" ? "" : ended},
                       {"Application", (*x)["applicationId"].text()},
                       {"Web page", (*x)["url"].text()},
                       {"Id", (*x)["id"].text()},
                       {"Error", error["message"].text()},
                       {"Stack", s.verbose ? error["stack"].text() : ""}});
  return exit_code::ok;
}

exit_code restart(session& s, const invocation& in) {
  auto ask = context_request("POST", in);
  ask.path.emplace_back("restart");
  ask.limit = longest;
  auto done = s.ask(ask, "restarting context " + in.parameter(0));
  s.print(done, said(done));
  return exit_code::ok;
}

/// Waits for the end of a context whose stop takes longer than the server
/// makes a client wait. @returns false if it is not over in time
bool wait_for_end(session& s, const invocation& in, seconds limit) {
  auto until = progress::clock::now() + limit;
  progress line{s.err, s.width};
  for (;;) {
    auto info = s.client.send(context_request("GET", in));
    auto x = json::value::parse(info.body);
    if (info.status == 404 || (x && (*x)["endTime"].text() != "Empty"))
      return true;
    if (progress::clock::now() >= until)
      return false;
    line.show("stopping context " + in.parameter(0));
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
}

exit_code remove(session& s, const invocation& in) {
  auto ask = context_request("DELETE", in);
  ask.limit = longest;
  if (in.has("force"))
    ask.query.emplace_back("force", "true");
  auto done = s.ask(ask, "stopping context " + in.parameter(0));
  constexpr int accepted = 202;
  if (done.status == accepted
      && !wait_for_end(s, in, seconds{in.number("timeout", 60)})) {
    s.complain(done);
    return exit_code::timed_out;
  }
  s.print(done, done.status == accepted ? "Context stopped" : said(done));
  return exit_code::ok;
}

exit_code logs(session& s, const invocation& in) {
  return print_logs(s, {"contexts", in.parameter(0), "logs"}, in.has("follow"));
}

exit_code history(session& s, const invocation& in) {
  return print_history(s, {"contexts", in.parameter(0), "history"});
}

} // namespace

std::vector<verb> context_verbs() {
  const parameter name{"NAME", kind::context};
  return {
    {.noun = "context",
     .name = "create",
     .summary = "start a context and wait until it takes jobs",
     .text
     = "Settings go to the server as they are: num-cpu-cores, memory-per-node, "
       "any spark.* and all others that it knows. What a file says wins over "
       "--set and the other options.",
     .parameters = {{"NAME"}},
     .options = {{.name = "cores",
                  .value = "N",
                  .help = "cores (num-cpu-cores)",
                  .what = kind::number},
                 {.name = "memory",
                  .value = "SIZE",
                  .help = "memory of each executor, e.g. 2g (memory-per-node)"},
                 {.name = "factory",
                  .value = "CLASS",
                  .help = "kind of context (context-factory)"},
                 {.name = "set",
                  .value = "KEY=VALUE",
                  .help = "a setting; may be repeated",
                  .repeated = true},
                 {.name = "config",
                  .letter = 'c',
                  .value = "FILE",
                  .help = "settings as HOCON or JSON; - reads stdin",
                  .what = kind::file}},
     .examples = {{"hearth context create sales --cores 2 --memory 1g", ""},
                  {"hearth context create tuned --set spark.speculation=true",
                   "with a setting of Spark"}},
     .run = create},
    {.noun = "context",
     .name = "list",
     .summary = "list the live contexts",
     .text = "",
     .parameters = {},
     .options = {{.name = "quiet", .letter = 'q', .help = "only the names"}},
     .examples = {{"hearth context list", ""},
                  {"hearth context list --json", "as the server sends it"}},
     .run = list},
    {.noun = "context",
     .name = "show",
     .summary = "show a context, or the last one of that name if it has ended",
     .text = "",
     .parameters = {name},
     .options = {},
     .examples = {{"hearth context show sales", ""}},
     .run = show},
    {.noun = "context",
     .name = "restart",
     .summary = "start a context anew, with the same name and settings",
     .text = "",
     .parameters = {name},
     .options = {},
     .examples = {{"hearth context restart sales", ""}},
     .run = restart},
    {.noun = "context",
     .name = "delete",
     .summary = "stop a context and wait for its end",
     .text = "Jobs that run in it end in ERROR.",
     .parameters = {name},
     .options
     = {{.name = "force", .help = "kill it instead of asking it to stop"},
        {.name = "timeout",
         .value = "SECONDS",
         .help = "how long to wait for its end (60)",
         .what = kind::number}},
     .examples = {{"hearth context delete sales", ""},
                  {"hearth context delete stuck --force", ""}},
     .run = remove},
    {.noun = "context",
     .name = "logs",
     .summary = "show what a context has logged",
     .text = "",
     .parameters = {name},
     .options = {follow_option()},
     .examples = {{"hearth context logs sales --follow", ""}},
     .run = logs},
    {.noun = "context",
     .name = "history",
     .summary = "show what became of a context, and when",
     .text = "",
     .parameters = {name},
     .options = {},
     .examples = {{"hearth context history sales", ""}},
     .run = history},
  };
}

} // namespace hearth::cli
