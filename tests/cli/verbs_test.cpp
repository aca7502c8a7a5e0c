#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include <doctest/doctest.h>

#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/invocation.hpp"
#include "cli/manual.hpp"

using namespace hearth::cli;

namespace {

using words = std::vector<std::string>;

std::string file(const std::string& name) {
  std::ifstream in{PACKAGING "/" + name};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string name_of(const verb& x) {
  return x.noun.empty() ? std::string{x.name}
                        : std::string{x.noun} + ' ' + std::string{x.name};
}

/// What completion offers after these words, for a server with one of each.
words offered(const words& line) {
  words result;
  auto lookup = [](kind what) {
    return what == kind::context  ? words{"my-context"}
           : what == kind::binary ? words{"my-binary"}
                                  : words{"my-job"};
  };
  for (const auto& x : complete(line, lookup))
    result.push_back(x.word);
  return result;
}

bool holds(const words& all, const char* one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

} // namespace

TEST_CASE("every verb is whole") {
  std::set<std::string> seen;
  for (const auto& x : verbs()) {
    CAPTURE(name_of(x));
    CHECK(seen.insert(name_of(x)).second);
    CHECK((x.run != nullptr));
    CHECK_FALSE(x.summary.empty());
    REQUIRE_FALSE(x.examples.empty());
    for (const auto& e : x.examples)
      CHECK(e.command.find("hearth " + name_of(x)) != std::string_view::npos);
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const auto* list : {&common_options(), &x.options})
      for (const auto& o : *list) {
        CAPTURE(o.name);
        CHECK(names.insert(o.name).second);
        CHECK((o.letter == 0 || letters.insert(o.letter).second));
        CHECK((o.what == kind::word) == !o.words.empty());
      }
  }
  for (const auto& x : nouns())
    CHECK(std::any_of(verbs().begin(), verbs().end(),
                      [&](const verb& v) { return v.noun == x.name; }));
}

TEST_CASE("help and manual hold every verb, option and exit code") {
  auto page = manual();
  for (const auto& x : verbs()) {
    CAPTURE(name_of(x));
    auto help = help_of(x);
    CHECK(overview().find(x.summary) != std::string::npos);
    CHECK(page.find(".SS \"hearth " + name_of(x)) != std::string::npos);
    for (const auto& e : x.examples)
      CHECK(help.find(e.command) != std::string::npos);
    for (const auto& o : x.options)
      CHECK(help.find("--" + std::string{o.name}) != std::string::npos);
  }
  for (const auto& x : exit_meanings())
    CHECK(overview().find(x.text) != std::string::npos);
}

TEST_CASE("the packaged files are those that the program prints") {
  CHECK(file("man/hearth.1") == manual());
  CHECK(file("completion/hearth.bash") == completion_script("bash"));
  CHECK(file("completion/_hearth") == completion_script("zsh"));
  CHECK(file("completion/hearth.fish") == completion_script("fish"));
  CHECK(completion_script("tcsh").empty());
}

TEST_CASE("completion offers nouns, then verbs") {
  CHECK(offered({"jo"}) == words{"job"});
  CHECK(holds(offered({""}), "status"));
  CHECK(holds(offered({}), "context"));
  CHECK(offered({"job", "re"}) == words{"result"});
  CHECK(offered({"--json", "context", "cr"}) == words{"create"});
  CHECK(offered({"no-such", ""}).empty());
  for (const auto& x : verbs()) {
    CAPTURE(name_of(x));
    auto line = x.noun.empty()
                  ? words{std::string{x.name}}
                  : words{std::string{x.noun}, std::string{x.name}};
    CHECK(holds(offered(line), std::string{x.name}.c_str()));
  }
}

TEST_CASE("completion offers options and what fits them") {
  CHECK(offered({"job", "run", "--wa"}) == words{"--watch"});
  CHECK(holds(offered({"status", "--"}), "--json"));
  CHECK(offered({"job", "list", "--status", "ru"}) == words{"running"});
  CHECK(offered({"job", "run", "-x", ""}) == words{"my-context"});
  CHECK(offered({"job", "run", "--config", ""}) == words{":file"});
  CHECK(offered({"job", "wait", "--timeout", ""}).empty());
}

TEST_CASE("completion offers what the server has for each parameter") {
  CHECK(offered({"context", "show", ""}) == words{"my-context"});
  CHECK(offered({"context", "create", ""}).empty());
  CHECK(offered({"job", "wait", "my"}) == words{"my-job"});
  CHECK(offered({"job", "wait", "my-job", ""}).empty());
  CHECK(offered({"job", "run", "--set", "a=1", "-w", ""})
        == words{"my-binary"});
  CHECK(offered({"binary", "upload", "b", "some"}) == words{":file"});
  CHECK(offered({"completion", "f"}) == words{"fish"});
}
