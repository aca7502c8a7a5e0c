#include "cli/history.hpp"

#include "cli/json.hpp"
#include "cli/table.hpp"

namespace hearth::cli {

exit_code print_history(session& s, std::vector<std::string> path) {
  request ask;
  ask.path = std::move(path);
  auto found = s.ask(ask, "asking for the history");
  auto all = json::value::parse(found.body);
  if (s.json || !all) {
    s.print(found);
    return exit_code::ok;
  }
  table rows{{"TIME", "STATE", "WHY"}};
  for (const auto& x : (*all)["history"].items())
    rows.add({x["time"].text(), x["state"].text(), x["reason"].text()});
  rows.print(s.out);
  return exit_code::ok;
}

} // namespace hearth::cli
