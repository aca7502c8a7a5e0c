#include "fixture.hpp"

using namespace hearth;
using namespace hearth::test;

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
