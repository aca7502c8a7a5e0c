#include <map>

#include <fmt/format.h>

#include "cli/invocation.hpp"
#include "cli/json.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace hearth::cli {

namespace {

/// How many things a list of the server holds.
std::string count(session& s, std::vector<std::string> path,
                  parameters query = {}) {
  request ask;
  ask.path = std::move(path);
  ask.query = std::move(query);
  auto found = s.ask(ask, "asking the server");
  auto all = json::value::parse(found.body);
  if (!all)
    return {};
  return std::to_string(all->is_array() ? all->items().size()
                                        : all->members().size());
}

exit_code status(session& s, const invocation&) {
  request ask;
  ask.path = {"healthz"};
  auto health = s.ask_any(ask, "asking the server");
  if (s.json)
    s.print(health);
  if (!health.good()) {
    s.complain(health);
    return exit_code::refused;
  }
  if (s.json)
    return exit_code::ok;
  // More than anybody runs at once; the server's default is 50.
  constexpr const char* all = "100000";
  print_fields(s.out,
               {{"Server", s.client.server().url},
                {"Health", "good"},
                {"Contexts", count(s, {"contexts"})},
                {"Running jobs",
                 count(s, {"jobs"}, {{"status", "running"}, {"limit", all}})},
                {"Binaries", count(s, {"binaries"})}});
  return exit_code::ok;
}

using children = std::multimap<std::string, json::value>;

/// Adds a row for each actor below that parent, each above its own children.
void add_rows(table& rows, const children& all, const std::string& parent,
              std::size_t depth) {
  // Deeper than any tree of actors is: a server may send nonsense.
  constexpr std::size_t deepest = 32;
  auto [first, last] = all.equal_range(parent);
  for (auto i = first; i != last && depth < deepest; ++i) {
    const auto& x = i->second;
    rows.add({std::string(2 * depth, ' ') + x["name"].text(),
              x["subject"].text(), x["state"].text(), x["mailbox"].text(),
              x["since"].text(), x["id"].text()});
    if (x["id"].text() != "0")
      add_rows(rows, all, x["id"].text(), depth + 1);
  }
}

exit_code actors(session& s, const invocation&) {
  request ask;
  ask.path = {"admin", "actors"};
  auto found = s.ask(ask, "asking for the actors");
  auto all = json::value::parse(found.body);
  if (s.json || !all) {
    s.print(found);
    return exit_code::ok;
  }
  children by_parent;
  for (const auto& x : all->items())
    by_parent.emplace(x["parent"].text(), x);
  table rows{{"ACTOR", "SUBJECT", "STATE", "MAILBOX", "SINCE", "ID"}};
  add_rows(rows, by_parent, "0", 0);
  rows.print(s.out);
  return exit_code::ok;
}

} // namespace

std::vector<verb> server_verbs() {
  return {
    {.noun = "",
     .name = "status",
     .summary = "show whether the server is well, and what it holds",
     .text = "Ends with 1 if a part of the server does not answer, with 3 if "
             "there is no server.",
     .parameters = {},
     .options = {},
     .examples = {{"hearth status", ""},
                  {"hearth status --server http://jobs.example.org:8090", ""}},
     .run = status},
    {.noun = "",
     .name = "actors",
     .summary = "show the server's actors as a tree",
     .text = "",
     .parameters = {},
     .options = {},
     .examples = {{"hearth actors", ""}},
     .run = actors},
  };
}

} // namespace hearth::cli
