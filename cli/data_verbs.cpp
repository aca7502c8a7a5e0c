#include "cli/invocation.hpp"
#include "cli/json.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace hearth::cli {

namespace {

exit_code list(session& s, const invocation&) {
  request ask;
  ask.path = {"data"};
  auto found = s.ask(ask, "asking for the data files");
  auto all = json::value::parse(found.body);
  if (s.json || !all) {
    s.print(found);
    return exit_code::ok;
  }
  for (const auto& path : all->items())
    s.out << path.text() << '\n';
  return exit_code::ok;
}

exit_code upload(session& s, const invocation& in) {
  request ask;
  ask.method = "POST";
  ask.path = {"data", in.parameter(0)};
  ask.file = in.parameter(1);
  ask.content_type = "application/octet-stream";
  ask.limit = std::chrono::seconds{0};
  auto done = s.ask(ask, "uploading " + in.parameter(1));
  auto x = json::value::parse(done.body);
  s.print(done, x ? (*x)["result"]["filename"].text() : done.body);
  return exit_code::ok;
}

exit_code remove(session& s, const invocation& in) {
  request ask;
  ask.method = "DELETE";
  ask.path = {"data", in.parameter(0)};
  auto done = s.ask(ask, "deleting the file");
  s.print(done, in.parameter(0) + " deleted");
  return exit_code::ok;
}

} // namespace

std::vector<verb> data_verbs() {
  return {
    {.noun = "data",
     .name = "list",
     .summary = "list the uploaded data files by their full paths",
     .text = "",
     .parameters = {},
     .options = {},
     .examples = {{"hearth data list", ""}},
     .run = list},
    {.noun = "data",
     .name = "upload",
     .summary = "upload a data file and print its path on the server",
     .text = "The server makes the file's name from PREFIX and the time.",
     .parameters = {{"PREFIX"}, {"FILE", kind::file}},
     .options = {},
     .examples = {{"hearth data upload cities cities.csv", ""}},
     .run = upload},
    {.noun = "data",
     .name = "delete",
     .summary = "delete a data file",
     .text = "",
     .parameters = {{"PATH"}},
     .options = {},
     .examples
     = {{"hearth data delete \"$path\"", "a path as upload and list print it"}},
     .run = remove},
  };
}

} // namespace hearth::cli
