#include "actors/binaries/dependencies.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/runtime/fetch/fake_transfers.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

using urls = std::vector<std::string>;

struct fetching : fixture {
  std::shared_ptr<fake_transfers> http = std::make_shared<fake_transfers>();
  dependencies_actor handle;

  fetching() {
    dependency_settings settings;
    settings.folder = (folder / "dependencies").string();
    settings.at_once = 3;
    settings.limit = 60s;
    handle = sys.spawn(dependencies, settings, launcher, http);
    run();
  }

  ~fetching() {
    caf::anon_send_exit(handle, caf::exit_reason::kill);
    run();
  }

  auto fetch(const std::string& uri) {
    return ask<resolved_binaries>(handle, atom::resolve_v, uri,
                                  std::vector<std::string>{});
  }

  void arrives(const std::string& url, const std::string& digest) {
    transfer_outcome outcome;
    outcome.changed = true;
    outcome.digest = digest;
    http->end(url, outcome);
    run();
  }
};

} // namespace

TEST_CASE_FIXTURE(fetching, "a host that hangs delays only its own") {
  for (auto name : {"a", "b", "c"})
    fetch("http://slow/"s + name);
  CHECK(http->started == urls{"http://slow/a", "http://slow/b"});
  auto quick = fetch("http://quick/a");
  arrives("http://quick/a", "d1");
  REQUIRE(quick->value);
  CHECK(quick->value->refs[0].digest == "d1");
  http->fail("http://slow/a", "no answer");
  run();
  CHECK(http->started.back() == "http://slow/c");
}

TEST_CASE_FIXTURE(fetching, "those who ask for one URL share a fetch") {
  auto first = fetch("http://a/x.jar");
  auto second = fetch("http://a/x.jar");
  CHECK(http->started.size() == 1);
  arrives("http://a/x.jar", "d1");
  REQUIRE(first->value);
  REQUIRE(second->value);
  CHECK(second->value->refs[0].path == first->value->refs[0].path);
  fetch("http://a/x.jar");
  CHECK(http->started.size() == 2);
}

TEST_CASE_FIXTURE(fetching, "all who share a fetch hear that it failed") {
  auto first = fetch("http://u:secret@a/x.jar");
  auto second = fetch("http://u:secret@a/x.jar");
  http->fail("http://u:secret@a/x.jar", "404");
  run();
  for (auto& answer : {first, second}) {
    CHECK(answer->code() == ec::job_loading_failed);
    CHECK(problem_of(*answer->error).message
          == "cannot fetch http://a/x.jar: 404");
  }
}

TEST_CASE_FIXTURE(fetching, "what is not whole does not replace what is here") {
  auto good = fetch("http://a/x.jar");
  arrives("http://a/x.jar", "d1");
  REQUIRE(good->value);
  auto message_for = [&](const std::string& url, const std::string& content) {
    auto answer = fetch(url);
    transfer_outcome outcome;
    outcome.changed = true;
    outcome.digest = "d2";
    http->end(url, outcome, content);
    run();
    return answer->error ? problem_of(*answer->error).message : "";
  };
  CHECK(message_for("http://a/x.jar", "<html>Not here")
        == "cannot fetch http://a/x.jar: what its server sent is not of the "
           "right format for .jar");
  CHECK(message_for("http://a/x.jar?version=2", "PK\3\4")
          .find("the zip file is cut off")
        != std::string::npos);
  // Its name does not say what it is.
  CHECK(message_for("http://a/settings.xml", "<settings/>") == "");
  auto still = fetch("http://a/x.jar");
  http->end("http://a/x.jar");
  run();
  REQUIRE(still->value);
  CHECK(still->value->refs[0].digest == "d1");
}

TEST_CASE_FIXTURE(fetching, "who waits too long for a turn is told for whom") {
  fetch("http://slow/a");
  fetch("http://slow/b");
  auto third = fetch("http://slow/c");
  pass(59s);
  CHECK(third->pending());
  pass(2s);
  REQUIRE(third->code() == ec::job_loading_failed);
  CHECK(problem_of(*third->error)
          .message.find("behind other fetches from "
                        "slow:80")
        != std::string::npos);
  http->fail("http://slow/a", "no answer");
  run();
  CHECK(http->started.size() == 2);
}

TEST_CASE_FIXTURE(fetching,
                  "Maven runs beside downloads, and within its time") {
  fetch("http://slow/a");
  fetch("http://slow/b");
  auto artifact = fetch("maven:org.x:tool:1.0");
  auto wrong = fetch("maven:org.x:tool");
  CHECK(wrong->code() == ec::malformed_url);
  REQUIRE(launcher->alive.size() == 1);
  pass(61s);
  run();
  CHECK(artifact->code() == ec::job_loading_failed);
}

TEST_CASE_FIXTURE(fetching, "what has not changed has to be here") {
  auto never = fetch("http://a/x.jar");
  http->end("http://a/x.jar");
  run();
  CHECK(never->code() == ec::job_loading_failed);
  auto fetched = fetch("http://a/x.jar");
  arrives("http://a/x.jar", "d1");
  REQUIRE(fetched->value);
  auto again = fetch("http://a/x.jar");
  std::filesystem::remove(fetched->value->refs[0].path);
  http->end("http://a/x.jar");
  run();
  CHECK(again->code() == ec::job_loading_failed);
}

TEST_CASE_FIXTURE(fetching, "a folder without room for more is no failure") {
  auto first = fetch("http://a/x.jar");
  // Makes the look at the size of all of it fail, for root as well.
  std::filesystem::create_directories(folder / "dependencies/maven/g/a/1");
  std::filesystem::create_symlink("loop",
                                  folder / "dependencies/maven/g/a/loop");
  arrives("http://a/x.jar", "d1");
  CHECK(first->value);
  auto second = fetch("http://a/y.jar");
  arrives("http://a/y.jar", "d2");
  CHECK(second->value);
}

TEST_CASE_FIXTURE(fetching, "who waits is told when this part ends") {
  auto running = fetch("http://a/x.jar");
  caf::anon_send_exit(handle, caf::exit_reason::kill);
  run();
  CHECK(running->code() == ec::job_loading_failed);
}
