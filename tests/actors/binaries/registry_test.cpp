#include <doctest/doctest.h>

#include "actors/binaries/registry.hpp"
#include "tests/runtime/launch/temp_dir.hpp"

using namespace hearth;

namespace {

using names = std::vector<std::string>;

binary_record version(const std::string& name, const std::string& digest) {
  binary_record result;
  result.name = name;
  result.digest = digest;
  return result;
}

struct shelves {
  temp_dir dir;
  binary_registry registry{std::make_shared<content_files>(dir.path)};

  std::vector<std::string> pruned() {
    std::vector<std::string> result;
    for (auto& record : registry.prune())
      result.push_back(record.digest);
    return result;
  }
};

} // namespace

TEST_CASE_FIXTURE(shelves, "a job takes the newest versions, or nothing") {
  registry.add(version("a", "a1"));
  registry.add(version("b", "b1"));
  registry.add(version("b", "b2"));
  auto taken = registry.try_take("j", {"a", "b"});
  REQUIRE(taken);
  CHECK(taken->refs[0].digest == "a1");
  CHECK(taken->refs[1].digest == "b2");
  CHECK_FALSE(registry.try_take("k", {"a", "c"}));
  CHECK(registry.close("a") == names{"j"});
  CHECK(registry.size() == 2);
}

TEST_CASE_FIXTURE(shelves, "a version in use is not closed, an unused one is") {
  registry.add(version("a", "a1"));
  auto j = registry.try_take("j", {"a"});
  auto k = registry.try_take("k", {"a"});
  CHECK(registry.close("a") == names{"j", "k"});
  j->lease.release();
  CHECK(registry.close("a") == names{"k"});
  k.reset();
  CHECK(registry.close("a").empty());
  CHECK_FALSE(registry.try_take("l", {"a"}));
  registry.reopen("a");
  CHECK(registry.try_take("l", {"a"}));
}

TEST_CASE_FIXTURE(shelves, "who leaves a replaced version says so") {
  registry.add(version("a", "a1"));
  auto old = registry.try_take("j", {"a"});
  registry.add(version("a", "a2"));
  auto current = registry.try_take("k", {"a"});
  CHECK(registry.close("a") == names{"j", "k"});
  CHECK(pruned().empty());
  CHECK_FALSE(current->lease.release());
  CHECK(old->lease.release());
  CHECK(pruned() == names{"a1"});
  CHECK(registry.newest("a")->record.digest == "a2");
}

TEST_CASE_FIXTURE(shelves, "what a context holds is removed later") {
  registry.add(version("a", "a1"));
  auto held = registry.newest("a");
  ++held->contexts;
  REQUIRE(registry.close("a").empty());
  registry.remove("a");
  CHECK_FALSE(registry.newest("a"));
  CHECK(pruned().empty());
  CHECK(registry.has_content(binary_type::jar, "a1"));
  --held->contexts;
  CHECK(pruned() == names{"a1"});
  CHECK_FALSE(registry.has_content(binary_type::jar, "a1"));
}

TEST_CASE_FIXTURE(shelves, "the same bytes of another type are other content") {
  registry.add(version("a", "a1"));
  CHECK(registry.has_content(binary_type::jar, "a1"));
  CHECK_FALSE(registry.has_content(binary_type::egg, "a1"));
}

TEST_CASE_FIXTURE(shelves, "an earlier server's version may be taken again") {
  registry.load({version("a", "a1"), version("a", "a2")});
  CHECK(pruned().empty());
  auto old = registry.find("a", "a1");
  REQUIRE(old);
  binary_lease lease;
  CHECK(lease.add(old, "j"));
  old->from_store = false;
  CHECK(lease.release());
  CHECK(pruned() == names{"a1"});
}

TEST_CASE_FIXTURE(shelves, "its owner frees what many jobs left behind") {
  registry.add(version("a", "a1"));
  auto told = 0;
  for (auto i = 0; i < 2048; ++i)
    told += registry.try_take("j", {"a"})->lease.release() ? 1 : 0;
  CHECK(told == 2);
  CHECK(registry.newest("a")->jobs().empty());
}
