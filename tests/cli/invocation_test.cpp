#include <sstream>

#include <doctest/doctest.h>

#include "cli/address.hpp"
#include "cli/invocation.hpp"
#include "cli/run.hpp"

using namespace hearth::cli;

namespace {

using words = std::vector<std::string>;

invocation parse(const char* noun, const char* name, const words& rest) {
  return {*find_verb(noun, name), rest};
}

/// Runs a command line that needs no server.
struct ran {
  explicit ran(const words& line, std::string server = "http://127.0.0.1:1",
               std::string user = "") {
    code = run(line, {out, err, std::move(server), std::move(user)});
  }

  std::ostringstream out;
  std::ostringstream err;
  exit_code code{};
};

} // namespace

TEST_CASE("options may stand anywhere in a command line") {
  for (const words& line : {words{"job", "list", "--json", "-s", "http://h"},
                            words{"--json", "-s", "http://h", "job", "list"},
                            words{"job", "--json", "-s", "http://h", "list"}}) {
    auto x = split_command(line);
    CHECK(x.noun == "job");
    CHECK(x.name == "list");
    CHECK(x.rest == words{"--json", "-s", "http://h"});
  }
  auto x = split_command({"--server", "http://h", "status", "-v"});
  CHECK(x.noun.empty());
  CHECK(x.name == "status");
  CHECK(x.rest == words{"--server", "http://h", "-v"});
}

TEST_CASE("parameters and options are told apart") {
  auto x = parse(
    "job", "run",
    {"bin", "-x", "c", "Class", "--set", "a=1", "--set=b=2", "--timeout", "5"});
  CHECK(x.parameter(0) == "bin");
  CHECK(x.parameter(1) == "Class");
  CHECK(x.parameter(2).empty());
  CHECK(x.text("context") == "c");
  CHECK(x.texts("set") == words{"a=1", "b=2"});
  CHECK(x.number("timeout", 0) == 5);
  CHECK_FALSE(x.has("watch"));
  CHECK(parse("job", "wait", {"--", "-id"}).parameter(0) == "-id");
}

TEST_CASE("a command line that makes no sense is refused") {
  CHECK_THROWS_AS(parse("job", "wait", {}), usage_error);
  CHECK_THROWS_AS(parse("job", "wait", {"a", "b"}), usage_error);
  CHECK_THROWS_AS(parse("job", "wait", {"a", "--timeout", "x"}), usage_error);
  CHECK_THROWS_AS(parse("job", "wait", {"a", "--timeout", "-1"}), usage_error);
  CHECK_THROWS_AS(parse("job", "wait", {"a", "--time", "1"}), usage_error);
  CHECK_THROWS_AS(parse("job", "wait", {"a", "--json=1"}), usage_error);
  CHECK_THROWS_AS(parse("job", "list", {"--status", "odd"}), usage_error);
  CHECK_THROWS_AS(parse("job", "list", {"--parameter", "x"}), usage_error);
  CHECK_NOTHROW(parse("job", "wait", {"--help"}));
}

TEST_CASE("exit codes without a server") {
  CHECK(ran{{}}.code == exit_code::usage);
  CHECK(ran{{"--help"}}.code == exit_code::ok);
  CHECK(ran{{"--version"}}.out.str() == "hearth " HEARTH_VERSION "\n");
  CHECK(ran{{"job"}}.code == exit_code::usage);
  CHECK(ran{{"job", "fly"}}.code == exit_code::usage);
  CHECK(ran{{"status"}}.code == exit_code::unreachable);
  CHECK(ran{{"job", "run", "b", "C", "-c", "/no/file"}}.code
        == exit_code::file);
  CHECK(ran{{"binary", "upload", "b", "/no/file.jar"}}.code == exit_code::file);
  CHECK(ran{{"binary", "upload", "b", "file"}}.code == exit_code::usage);
  CHECK(ran{{"completion", "tcsh"}}.code == exit_code::usage);
}

TEST_CASE("an address is read with and without its parts") {
  CHECK(read_address("localhost:8090", "x", "").url == "http://localhost:8090");
  CHECK(read_address("https://h/base/", "x", "").url == "https://h/base");
  auto x = read_address("http://me:s%40fe@h:1", "x", "other:word");
  CHECK(x.url == "http://h:1");
  CHECK(x.user == "me");
  CHECK(x.password == "s@fe");
  auto y = read_address("http://h", "x", "me:with:colons");
  CHECK(y.user == "me");
  CHECK(y.password == "with:colons");
  for (const char* bad :
       {"", "ftp://h", "http://", "http://h?q=1", "http://a b"})
    CHECK_THROWS_AS(read_address(bad, "x", ""), usage_error);
}

TEST_CASE("a password is never printed") {
  for (const char* server : {"http://me:hush@127.0.0.1:1", "ftp://me:hush@h",
                             "http://me:hush@h h"}) {
    ran x{{"status", "--verbose"}, server, "you:hush"};
    CHECK(x.code != exit_code::ok);
    CHECK(x.err.str().find("hush") == std::string::npos);
  }
}

TEST_CASE("names are encoded for a URL") {
  CHECK(encode("a b/c%?&ä") == "a%20b%2Fc%25%3F%26%C3%A4");
  CHECK(encode("").empty());
}
