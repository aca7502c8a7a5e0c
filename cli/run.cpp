#include "cli/run.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/invocation.hpp"
#include "cli/json.hpp"
#include "cli/session.hpp"
#include "cli/text.hpp"

namespace hearth::cli {

namespace {

using std::chrono::seconds;

using words = std::vector<std::string>;

address server_of(const invocation& in, const surroundings& env) {
  auto who = find_credentials(env.who);
  if (in.has("server"))
    return read_address(in.text("server"), "--server", who);
  return env.server.empty() ? read_address(default_server, "the default", who)
                            : read_address(env.server, "HEARTH_URL", who);
}

const noun* find_noun(std::string_view name) {
  const auto& all = nouns();
  auto i = std::find_if(all.begin(), all.end(),
                        [&](const noun& x) { return x.name == name; });
  return i == all.end() ? nullptr : &*i;
}

bool asks_for(const words& rest, std::string_view option,
              std::string_view letter = {}) {
  return std::any_of(rest.begin(), rest.end(), [&](const auto& word) {
    return word == option || (!letter.empty() && word == letter);
  });
}

/// Answers a command line that names no verb.
exit_code without_verb(const command& line, const surroundings& env) {
  const auto* noun = find_noun(line.noun);
  auto help = asks_for(line.rest, "--help", "-h");
  if (line.name == "help" || (line.noun.empty() && line.name.empty() && help)) {
    const auto* about = line.rest.empty() ? nullptr : find_noun(line.rest[0]);
    const auto* x = line.rest.empty() ? nullptr
                    : about && line.rest.size() > 1
                      ? find_verb(about->name, line.rest[1])
                      : find_verb("", line.rest[0]);
    env.out << (x ? help_of(*x) : about ? help_of_noun(*about) : overview());
    return exit_code::ok;
  }
  if (line.noun.empty() && line.name.empty()
      && asks_for(line.rest, "--version")) {
    env.out << "hearth " HEARTH_VERSION "\n";
    return exit_code::ok;
  }
  if (noun && line.name.empty() && help) {
    env.out << help_of_noun(*noun);
    return exit_code::ok;
  }
  if (noun && line.name.empty())
    throw usage_error{fmt::format("what to do with the {}?", noun->name)};
  if (line.name.empty())
    throw usage_error{"a command is missing"};
  throw usage_error{fmt::format("there is no command '{}{}{}'", line.noun,
                                line.noun.empty() ? "" : " ", line.name)};
}

/// Names that the server knows; a shell must not wait long for them.
words look_up(const words& line, kind what, const surroundings& env) {
  words result;
  try {
    // Only the option for the server matters, which every verb has, so any verb
    // will do.
    words options;
    for (std::size_t i = 0; i + 1 < line.size(); ++i)
      if (line[i] == "--server" || line[i] == "-s")
        options = {"--server", line[i + 1]};
    invocation in{*find_verb("", "status"), options};
    http_client client{server_of(in, env), seconds{1}, {}};
    request ask;
    ask.limit = seconds{2};
    ask.path = {what == kind::context  ? "contexts"
                : what == kind::binary ? "binaries"
                                       : "jobs"};
    auto found = json::value::parse(client.send(ask).body);
    if (!found)
      return {};
    for (const auto& x : found->items())
      result.push_back(what == kind::job ? x["jobId"].text() : x.text());
    if (what == kind::binary)
      for (const auto& [name, x] : found->members())
        result.push_back(name);
  } catch (const std::exception&) {
    // There are no names then. A user who completes a line does not want to
    // read why.
  }
  return result;
}

/// Prints the candidates for the shells' scripts.
exit_code print_candidates(const words& line, const surroundings& env) {
  auto found
    = complete(line, [&](kind what) { return look_up(line, what, env); });
  for (const auto& x : found)
    env.out << printable(x.word, false) << '\t' << x.help << '\n';
  return exit_code::ok;
}

exit_code run_verb(const verb& x, const words& rest, const surroundings& env) {
  invocation in{x, rest};
  if (in.has("help")) {
    env.out << help_of(x);
    return exit_code::ok;
  }
  http_client client{server_of(in, env),
                     seconds{in.number("connect-timeout", 5)},
                     in.text("ca-file")};
  session s{client,         env.out,           env.err,
            in.has("json"), in.has("verbose"), env.width};
  try {
    return x.run(s, in);
  } catch (const refused& e) {
    auto is_json = json::valid(e.answer.body);
    if (s.json && is_json)
      s.print(e.answer);
    s.complain(e.answer);
    return exit_code::refused;
  }
}

exit_code run_command(const words& line, const surroundings& env) {
  if (!line.empty() && line.front() == "__complete")
    return print_candidates({line.begin() + 1, line.end()}, env);
  auto command = split_command(line);
  if (const auto* x = find_verb(command.noun, command.name))
    return run_verb(*x, command.rest, env);
  return without_verb(command, env);
}

/// Returns "hearth job run --help", with as much of the noun and verb as
/// exists.
std::string where_help_is(const words& line) {
  auto command = split_command(line);
  std::string result = "hearth";
  if (find_noun(command.noun))
    result += ' ' + command.noun;
  if (find_verb(command.noun, command.name))
    result += ' ' + command.name;
  return result + " --help";
}

} // namespace

exit_code run(const words& line, const surroundings& env) {
  auto fail = [&](const std::exception& e, exit_code code) {
    env.err << "hearth: " << printable(e.what(), true) << std::endl;
    return code;
  };
  try {
    auto code = run_command(line, env);
    if (!env.out.flush())
      throw file_error{"the output cannot be written"};
    return code;
  } catch (const usage_error& e) {
    fail(e, exit_code::usage);
    env.err << "See '" << where_help_is(line) << "'." << std::endl;
    return exit_code::usage;
  } catch (const unreachable& e) {
    return fail(e, exit_code::unreachable);
  } catch (const file_error& e) {
    return fail(e, exit_code::file);
  } catch (const std::exception& e) {
    return fail(e, exit_code::refused);
  }
}

} // namespace hearth::cli
