#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/invocation.hpp"
#include "cli/json.hpp"
#include "cli/session.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace hearth::cli {

namespace {

struct binary_type {
  std::string_view name;
  std::string_view extension;
  std::string_view media;
};

constexpr std::array types{
  binary_type{"jar", ".jar", "application/java-archive"},
  binary_type{"egg", ".egg", "application/python-egg"},
  binary_type{"wheel", ".whl", "application/python-wheel"},
  binary_type{"native", ".so", "application/x-sharedlib"},
};

/// The media type that the server chooses the binary's type by.
std::string media_type(const std::string& file, const std::string& wanted) {
  const auto* i
    = std::find_if(types.begin(), types.end(), [&](const binary_type& x) {
        return wanted.empty() ? file.ends_with(x.extension) : wanted == x.name;
      });
  if (i == types.end())
    throw usage_error{
      fmt::format("the name of {} does not say what it is; --type does", file)};
  return std::string{i->media};
}

exit_code upload(session& s, const invocation& in) {
  request ask;
  ask.method = "POST";
  ask.path = {"binaries", in.parameter(0)};
  ask.file = in.parameter(1);
  ask.content_type = media_type(ask.file, in.text("type"));
  ask.limit = std::chrono::seconds{0};
  auto done = s.ask(ask, "uploading " + in.parameter(0));
  s.print(done, fmt::format("{} uploaded", in.parameter(0)));
  return exit_code::ok;
}

exit_code list(session& s, const invocation& in) {
  request ask;
  ask.path = {"binaries"};
  auto found = s.ask(ask, "asking for the binaries");
  auto all = json::value::parse(found.body);
  if (s.json || !all) {
    s.print(found);
    return exit_code::ok;
  }
  table rows{{"NAME", "TYPE", "UPLOADED"}};
  for (const auto& [name, x] : all->members()) {
    if (in.has("quiet"))
      s.out << name << '\n';
    else
      rows.add({name, x["binary-type"].text(), x["upload-time"].text()});
  }
  if (!in.has("quiet"))
    rows.print(s.out);
  return exit_code::ok;
}

exit_code remove(session& s, const invocation& in) {
  request ask;
  ask.method = "DELETE";
  ask.path = {"binaries", in.parameter(0)};
  auto done = s.ask(ask, "deleting " + in.parameter(0));
  s.print(done, fmt::format("{} deleted", in.parameter(0)));
  return exit_code::ok;
}

} // namespace

std::vector<verb> binary_verbs() {
  return {
    {.noun = "binary",
     .name = "upload",
     .summary = "upload a file with jobs, or a newer version of one",
     .text = "The next job uses the new version, also in a live context; jobs "
             "that run go on with theirs.",
     .parameters = {{"NAME", kind::binary}, {"FILE", kind::file}},
     .options = {{.name = "type",
                  .letter = 't',
                  .value = "TYPE",
                  .help = "what the file is, where its name does not say it",
                  .what = kind::word,
                  .words = "jar egg wheel native"}},
     .examples = {{"hearth binary upload examples examples.jar", ""},
                  {"hearth binary upload model build/out --type native",
                   "a shared library without .so"}},
     .run = upload},
    {.noun = "binary",
     .name = "list",
     .summary = "list the binaries, each with its newest version",
     .text = "",
     .parameters = {},
     .options = {{.name = "quiet", .letter = 'q', .help = "only the names"}},
     .examples = {{"hearth binary list", ""}},
     .run = list},
    {.noun = "binary",
     .name = "delete",
     .summary = "delete a binary with all of its versions",
     .text = "The server refuses this while a job uses it.",
     .parameters = {{"NAME", kind::binary}},
     .options = {},
     .examples = {{"hearth binary delete examples", ""}},
     .run = remove},
  };
}

} // namespace hearth::cli
