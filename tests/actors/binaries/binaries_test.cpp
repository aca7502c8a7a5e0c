#include <fstream>
#include <malloc.h>

#include "base/digest.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

struct uses : fixture {
  /// Somebody needs what lies there. @returns what is in use before
  std::vector<std::string> need(const std::string& user,
                                const std::string& uri) {
    auto found = ask<resolved_binaries>(binaries_handle, atom::resolve_v,
                                        resolve_request{user, {uri}});
    REQUIRE(found->value.has_value());
    return *told_in_use;
  }

  void release(const std::string& user) {
    caf::anon_send(binaries_handle, atom::release_v, user);
    run();
  }
};

using paths = std::vector<std::string>;

} // namespace

TEST_CASE_FIXTURE(uses, "what was fetched is in use until its users let go") {
  CHECK(need("j1", "http://a") == paths{});
  CHECK(need("j2", "http://b") == paths{"/fetched/http://a"});
  CHECK(need("", "http://c")
        == paths{"/fetched/http://a", "/fetched/http://b"});
  release("j1");
  CHECK(need("j3", "http://d") == paths{"/fetched/http://b"});
}

TEST_CASE_FIXTURE(uses, "what an earlier server fetched is in use again") {
  resolve_request again{"j1", {}};
  again.known = {{"http://a", "Jar", "d", "/fetched/a"}};
  auto kept = ask<resolved_binaries>(binaries_handle, atom::resolve_v, again);
  REQUIRE(kept->value.has_value());
  CHECK(need("j2", "http://b") == paths{"/fetched/a"});
}

TEST_CASE_FIXTURE(uses, "a binary that a job took cannot be deleted") {
  upload("jar", "one");
  auto taken = registry->try_take("j1", {"jar"});
  REQUIRE(taken.has_value());
  auto refused = ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s);
  CHECK(refused->code() == ec::binary_in_use);
  CHECK(problem_of(*refused->error).message
        == "Binary is in use by job(s): j1");
  CHECK_FALSE(taken->lease.release());
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s)->value);
  CHECK_FALSE(registry->try_take("j2", {"jar"}));
}

TEST_CASE_FIXTURE(uses, "a binary that was resolved cannot be deleted") {
  upload("jar", "one");
  need("j1", "jar");
  auto refused = ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s);
  CHECK(refused->code() == ec::binary_in_use);
  release("j1");
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s)->value);
}

TEST_CASE_FIXTURE(uses, "a context keeps content, not the name") {
  upload("jar", "one");
  resolve_request all_jobs{"c1", {"jar"}, false, true};
  REQUIRE(
    ask<resolved_binaries>(binaries_handle, atom::resolve_v, all_jobs)->value);
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s)->value);
  CHECK(registry->has_content(sha256("one")));
  release("c1");
  CHECK_FALSE(registry->has_content(sha256("one")));
}

TEST_CASE_FIXTURE(uses, "an old version vanishes with the last job of it") {
  upload("jar", "one");
  auto old = registry->try_take("j1", {"jar"});
  upload("jar", "two");
  CHECK(registry->try_take("j2", {"jar"})->refs[0].digest == sha256("two"));
  CHECK(registry->has_content(sha256("one")));
  CHECK(old->lease.release());
  release("j1");
  CHECK_FALSE(registry->has_content(sha256("one")));
}

TEST_CASE_FIXTURE(uses, "jobs that came and went take no memory") {
  upload("jar", "one");
  constexpr int jobs = 20 * 1024;
  auto come_and_go = [&] {
    auto looks = 0;
    for (int i = 0; i < jobs; ++i) {
      auto id = "a job with an id that is not short: " + std::to_string(i);
      if (registry->try_take(id, {"jar"})->lease.release()) {
        release(id);
        ++looks;
      }
    }
    return looks;
  };
  CHECK(come_and_go() == 20);
  auto before = ::mallinfo2().uordblks;
  come_and_go();
  // Each of them had some hundred bytes.
  CHECK(::mallinfo2().uordblks < before + jobs * 10);
}

TEST_CASE_FIXTURE(uses, "changes of one name follow each other") {
  // The deletion waits for the upload's turn, so the later of the two wins in
  // the store and in the registry alike.
  upload("jar", "one");
  upload("jar", "two");
  auto gone = ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s);
  auto again = ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s);
  CHECK(gone->value);
  CHECK(again->code() == ec::binary_not_there);
}

TEST_CASE_FIXTURE(uses, "a file of this machine is looked at elsewhere") {
  auto file = folder / "local.jar";
  std::ofstream{file} << "x";
  auto answer_to = [&](const std::string& uri) {
    auto answer = ask<resolved_binaries>(binaries_handle, atom::resolve_v,
                                         resolve_request{"j1", {uri}});
    auto give_up = std::chrono::steady_clock::now() + 10s;
    while (answer->pending() && std::chrono::steady_clock::now() < give_up)
      run();
    return answer;
  };
  auto found = answer_to("file://" + file.string());
  REQUIRE(found->value.has_value());
  CHECK(found->value->refs[0].path == file.string());
  auto missing = answer_to("file:///no/such.jar");
  CHECK(missing->code() == ec::binary_not_found);
  CHECK(problem_of(*missing->error).message
        == "classPath file:///no/such.jar not found");
}
