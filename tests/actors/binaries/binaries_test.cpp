#include "base/digest.hpp"
#include "tests/actors/fixture.hpp"

using namespace hearth;
using namespace hearth::test;
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

TEST_CASE_FIXTURE(uses, "a job takes what is here, and leaves it, by itself") {
  upload("jar", "one");
  auto taken = registry->try_take("j1", {"jar"});
  REQUIRE(taken.has_value());
  REQUIRE(taken->refs.size() == 1);
  CHECK(taken->refs[0].digest == sha256("one"));
  auto refused = ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s);
  CHECK(refused->code() == ec::binary_in_use);
  CHECK(registry->try_release("j1"));
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s)->value);
}

TEST_CASE_FIXTURE(uses, "of what is not all here a job takes nothing") {
  upload("jar", "one");
  CHECK_FALSE(registry->try_take("j1", {"jar", "http://a"}));
  CHECK_FALSE(registry->try_release("j1"));
  CHECK(ask<atom::ok>(binaries_handle, atom::erase_v, "jar"s)->value);
}

TEST_CASE_FIXTURE(uses, "what a newer version replaced is its actor's to end") {
  upload("jar", "one");
  auto old = registry->try_take("j1", {"jar"});
  upload("jar", "two");
  CHECK(registry->try_take("j2", {"jar"})->refs[0].digest == sha256("two"));
  CHECK_FALSE(registry->try_release("j1"));
  auto versions = [&] {
    return registry->use(
      [](auto& all) { return all.versions.at("jar").size(); });
  };
  CHECK(versions() == 2);
  release("j1");
  CHECK(versions() == 1);
  CHECK(registry->try_release("j2"));
}
